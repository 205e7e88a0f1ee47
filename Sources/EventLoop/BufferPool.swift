/// Arrays for input and output that connections share, as only few of them have data at a time.
package final class BufferPool {
  // Taken out while they change, so that no access to this object is open meanwhile: that costs no check then.
  private var inputs: [[UInt8]] = []
  private var outputs: [[UInt8]] = []
  private var inputCount: Int
  package private(set) var pipesInUse = 0
  /// How many long bodies may pass through pipes at a time; those beyond are copied.
  package var pipeLimit = 128
  private static let kept = 256
  // One that grew because its reader was slow is not kept.
  private static let largestOutput = 32 << 10

  init(inputCount: Int) { self.inputCount = inputCount }

  /// How much is received at a time from now on, and so the longest message head. What is lent keeps its size.
  package func setInputCount(_ count: Int) {
    guard count != inputCount else { return }
    inputCount = count
    inputs = []
  }

  func takeInput() -> [UInt8] {
    var spare: [[UInt8]] = []
    swap(&spare, &inputs)
    let taken = spare.popLast()
    swap(&spare, &inputs)
    return taken ?? [UInt8](repeating: 0, count: inputCount)
  }

  func giveBackInput(_ bytes: consuming [UInt8]) {
    guard inputs.count < Self.kept, bytes.count == inputCount else { return }
    var spare: [[UInt8]] = []
    swap(&spare, &inputs)
    spare.append(bytes)
    swap(&spare, &inputs)
  }

  /// `nil` when there are as many as there may be, or no more can be made.
  func takePipe() -> SplicePipe? {
    guard pipesInUse < pipeLimit, let pipe = SplicePipe() else { return nil }
    pipesInUse += 1
    return pipe
  }

  /// Closes it, with what is in it.
  func giveBack(_ pipe: consuming SplicePipe) {
    pipesInUse -= 1
  }

  func takeOutput() -> [UInt8] {
    var spare: [[UInt8]] = []
    swap(&spare, &outputs)
    let taken = spare.popLast()
    swap(&spare, &outputs)
    return taken ?? []
  }

  func giveBackOutput(_ bytes: consuming [UInt8]) {
    guard outputs.count < Self.kept, bytes.capacity <= Self.largestOutput else { return }
    var bytes = bytes
    bytes.removeAll(keepingCapacity: true)
    var spare: [[UInt8]] = []
    swap(&spare, &outputs)
    spare.append(bytes)
    swap(&spare, &outputs)
  }
}
