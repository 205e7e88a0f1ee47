import CLinux

/// A pipe through which a long body passes from one socket to another inside the kernel.
final class SplicePipe {
  let readEnd: Int32
  let writeEnd: Int32
  /// The most bytes that it takes at a time.
  let capacity: Int

  // Large enough that a call moves much, small enough that many transfers do not use up what the kernel grants to a user.
  private static let wanted: Int32 = 256 << 10
  // What the kernel grants beyond its limits; not worth a system call more for each few bytes.
  private static let least: Int32 = 64 << 10

  /// `nil` when descriptors or the kernel's memory for pipes have run out: then bodies are copied.
  init?() {
    var ends: [Int32] = [-1, -1]
    // Safe: the array has room for the two numbers that are written.
    let capacity = unsafe anteroom_pipe(&ends, Self.wanted)
    guard capacity >= Self.least else {
      for end in ends where end >= 0 { System.close(end) }
      return nil
    }
    readEnd = ends[0]
    writeEnd = ends[1]
    self.capacity = Int(capacity)
  }

  deinit {
    System.close(readEnd)
    System.close(writeEnd)
  }
}
