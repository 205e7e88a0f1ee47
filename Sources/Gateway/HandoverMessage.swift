import EventLoop
import Session

/// What two processes tell each other when one hands its listeners over to the other, and afterwards until the earlier one is gone.
enum HandoverMessage: Equatable {
  /// First, to the new process: what it is given.
  case given(HandoverGift)
  /// From the new one: everything is read and checked; it would accept. The descriptors of sockets that it has no listener for.
  case ready(unused: [Int32])
  /// From the new one: it cannot start, and why.
  case failed(isConfiguration: Bool, reason: String)
  /// To the new one: nobody accepts, and nothing is written any more.
  case stopped
  /// From the new one: it accepts.
  case accepting
  /// To the new one: a return address to keep.
  case pendingReturn(PendingReturn)
  /// Either way: sessions that are over. One with a number wants `kept`.
  case revoked(number: UInt64, [Revocation])
  /// From the new one: these survive a restart.
  case kept(number: UInt64)

  /// So that a reason always fits.
  static let longestReason = 32 << 10
  /// How many revocations go into one message.
  static let revocations = 1000

  var bytes: [UInt8] {
    var writer = SealedWriter()
    switch self {
    case .given(let gift):
      writer.write(UInt8(1))
      gift.write(to: &writer)
    case .ready(let unused):
      writer.write(UInt8(2))
      writer.write(unused.map { "\($0)" })
    case .failed(let isConfiguration, let reason):
      writer.write(UInt8(3))
      writer.write(UInt8(isConfiguration ? 1 : 0))
      writer.write(Array(reason.utf8.prefix(Self.longestReason)))
    case .stopped: writer.write(UInt8(4))
    case .accepting: writer.write(UInt8(5))
    case .pendingReturn(let pending):
      writer.write(UInt8(6))
      writer.write(pending.id)
      writer.write(pending.bytes)
      writer.write(pending.source)
      writer.write(pending.expires)
    case .revoked(let number, let revocations):
      writer.write(UInt8(7))
      writer.write(number)
      writer.write(Revocation.encode(revocations))
    case .kept(let number):
      writer.write(UInt8(8))
      writer.write(number)
    }
    return writer.bytes
  }

  /// `nil` for what is no message of ours.
  init?(_ bytes: [UInt8]) {
    var reader = SealedReader(bytes)
    switch reader.readUInt8() {
    case 1:
      guard let gift = HandoverGift(&reader) else { return nil }
      self = .given(gift)
    case 2:
      guard let unused = reader.readTexts() else { return nil }
      self = .ready(unused: unused.compactMap { Int32($0) })
    case 3:
      guard let isConfiguration = reader.readUInt8(), let reason = reader.readBytes() else { return nil }
      self = .failed(isConfiguration: isConfiguration == 1, reason: String(decoding: reason, as: UTF8.self))
    case 4: self = .stopped
    case 5: self = .accepting
    case 6:
      guard let id = reader.readBytes(), let bytes = reader.readBytes(), let source = reader.readBytes(), let expires = reader.readInt64()
      else {
        return nil
      }
      self = .pendingReturn(PendingReturn(id: id, bytes: bytes, source: source, expires: expires))
    case 7:
      guard let number = reader.readUInt64(), let encoded = reader.readBytes(), let revocations = Revocation.decode(encoded) else {
        return nil
      }
      self = .revoked(number: number, revocations)
    case 8:
      guard let number = reader.readUInt64() else { return nil }
      self = .kept(number: number)
    default: return nil
    }
    guard reader.isAtEnd else { return nil }
  }
}

/// What a process gives to the one that takes over: descriptors, by their numbers, and what these are.
struct HandoverGift: Equatable {
  /// Another one is for processes that cannot take over from each other.
  static let version: UInt8 = 1

  struct Group: Equatable {
    /// Of the configuration: the port may be 0.
    var host: String
    var port: UInt16
    var isPassed: Bool
    var descriptors: [Int32]
  }

  var process: Int32
  /// The folders that it has.
  var state: String
  var keys: String
  var lock: Int32
  /// The admin socket and its path.
  var admin: Int32
  var adminPath: String
  var groups: [Group]

  func write(to writer: inout SealedWriter) {
    writer.write(Self.version)
    writer.write(UInt32(bitPattern: process))
    writer.write(state)
    writer.write(keys)
    writer.write(UInt32(bitPattern: lock))
    writer.write(UInt32(bitPattern: admin))
    writer.write(adminPath)
    writer.write(UInt32(groups.count))
    for group in groups {
      writer.write(group.host)
      writer.write(UInt32(group.port))
      writer.write(UInt8(group.isPassed ? 1 : 0))
      writer.write(group.descriptors.map { "\($0)" })
    }
  }

  init(process: Int32, state: String, keys: String, lock: Int32, admin: Int32, adminPath: String, groups: [Group]) {
    self.process = process
    self.state = state
    self.keys = keys
    self.lock = lock
    self.admin = admin
    self.adminPath = adminPath
    self.groups = groups
  }

  init?(_ reader: inout SealedReader) {
    guard reader.readUInt8() == Self.version, let process = reader.readUInt32(), let state = reader.readText(),
      let keys = reader.readText(),
      let lock = reader.readUInt32(), let admin = reader.readUInt32(), let adminPath = reader.readText(), let count = reader.readUInt32()
    else { return nil }
    var groups: [Group] = []
    for _ in 0..<count {
      guard let host = reader.readText(), let port = reader.readUInt32().flatMap({ UInt16(exactly: $0) }),
        let isPassed = reader.readUInt8(),
        let descriptors = reader.readTexts()
      else { return nil }
      groups.append(Group(host: host, port: port, isPassed: isPassed == 1, descriptors: descriptors.compactMap { Int32($0) }))
    }
    self.init(
      process: Int32(bitPattern: process), state: state, keys: keys, lock: Int32(bitPattern: lock), admin: Int32(bitPattern: admin),
      adminPath: adminPath, groups: groups)
  }
}
