import COpenSSL

/// Random bytes from OpenSSL's generator, which the kernel seeds, fetched in blocks: to ask it for each few bytes costs more than what they
/// are for.
///
/// Each byte is given out once, and wiped here at the same moment. Not `Sendable`: each thread has its own. Nothing in this process forks,
/// so no other one has the same block.
@safe package final class RandomSupply {
  static let blockCount = 1024

  // Owned by this object alone, made in `init` and freed in `deinit`; used from one thread, as the class is not Sendable.
  private let block: UnsafeMutablePointer<UInt8>
  /// The bytes at the block's beginning that were not given out yet.
  private var left = 0

  package init() {
    unsafe block = UnsafeMutablePointer.allocate(capacity: Self.blockCount)
    unsafe block.initialize(repeating: 0, count: Self.blockCount)
  }

  deinit {
    unsafe wipe(block, Self.blockCount)
    unsafe block.deallocate()
  }

  /// Appends `count` unpredictable bytes.
  package func append(_ count: Int, to output: inout [UInt8]) {
    output.append(addingCapacity: count) { output in
      // Safe: the buffer is the free capacity, `count` bytes or more, all of which `fill` initializes.
      unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
        guard let base = buffer.baseAddress, buffer.count >= count else { return }
        unsafe fill(base, count)
        initialized = count
      }
    }
  }

  /// `count` unpredictable bytes.
  package func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    append(count, to: &bytes)
    return bytes
  }

  /// Eight of them.
  package func number() -> UInt64 {
    var number: UInt64 = 0
    // Safe: the pointer is valid for the eight bytes, for this one call.
    unsafe withUnsafeMutableBytes(of: &number) { bytes in
      unsafe bytes.withMemoryRebound(to: UInt8.self) { if let base = $0.baseAddress { unsafe fill(base, $0.count) } }
    }
    return number
  }

  /// What the block holds where its bytes were given out.
  var remains: [UInt8] { unsafe Array(UnsafeBufferPointer(start: block + left, count: Self.blockCount - left)) }

  /// Fills `count` bytes at `output`, which the caller owns. A generator that fails ends the process: nothing safe can be done without it.
  @unsafe func fill(_ output: UnsafeMutablePointer<UInt8>, _ count: Int) {
    guard count <= Self.blockCount else { return unsafe Random.fill(output, count) }
    if left < count {
      unsafe Random.fill(block, Self.blockCount)
      left = Self.blockCount
    }
    left -= count
    unsafe output.update(from: block + left, count: count)
    unsafe wipe(block + left, count)
  }
}
