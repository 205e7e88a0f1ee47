/// Arrays for input and output that connections share, as only few of them have data at a time.
package struct BufferPool {
  private var inputs: [[UInt8]] = []
  private var outputs: [[UInt8]] = []
  private let inputCount: Int
  private static let kept = 256
  private static let largestOutput = 128 << 10

  init(inputCount: Int) { self.inputCount = inputCount }

  mutating func takeInput() -> [UInt8] {
    inputs.popLast() ?? [UInt8](repeating: 0, count: inputCount)
  }

  mutating func giveBackInput(_ bytes: consuming [UInt8]) {
    if inputs.count < Self.kept { inputs.append(bytes) }
  }

  mutating func takeOutput() -> [UInt8] {
    outputs.popLast() ?? []
  }

  mutating func giveBackOutput(_ bytes: consuming [UInt8]) {
    guard outputs.count < Self.kept, bytes.capacity <= Self.largestOutput else { return }
    bytes.removeAll(keepingCapacity: true)
    outputs.append(bytes)
  }
}
