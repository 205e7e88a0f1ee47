/// Arrays for input and output that connections share, as only few of them have data at a time.
package final class BufferPool {
  // Taken out while they change, so that no access to this object is open meanwhile: that costs no check then.
  private var inputs: [[UInt8]] = []
  private var outputs: [[UInt8]] = []
  private let inputCount: Int
  private static let kept = 256
  private static let largestOutput = 128 << 10

  init(inputCount: Int) { self.inputCount = inputCount }

  func takeInput() -> [UInt8] {
    var spare: [[UInt8]] = []
    swap(&spare, &inputs)
    let taken = spare.popLast()
    swap(&spare, &inputs)
    return taken ?? [UInt8](repeating: 0, count: inputCount)
  }

  func giveBackInput(_ bytes: consuming [UInt8]) {
    guard inputs.count < Self.kept else { return }
    var spare: [[UInt8]] = []
    swap(&spare, &inputs)
    spare.append(bytes)
    swap(&spare, &inputs)
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
