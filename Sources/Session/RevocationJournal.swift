import Crypto

/// The file in which revocations survive a restart: a first line that names the format, then records of 32 bytes, each with a checksum.
/// Records are only appended, until the file is written anew without those that have expired. Not `Sendable`.
final class RevocationJournal {
  /// What reading the file found.
  struct Contents {
    var revocations: [Revocation] = []
    /// Records in the middle that are not what was written: sessions that may open again.
    var damaged = 0
    /// Whether the end is not what was written: a write that a crash cut short, and that nobody was told had succeeded.
    var isTorn = false
  }

  static let header = [UInt8]("anteroom revocations 1\n".utf8)
  static let recordCount = 32
  private static let checksumCount = 8
  /// A larger file is not one of ours: `Revocations.limit` entries and as many expired ones are a quarter of it.
  private static let maximumCount = 256 << 20
  /// A file of fewer records is not written anew for its size.
  private static let leastRewrite = 4096

  private let path: String
  /// Open for appending, once the file is known to be right.
  var file: FileHandle?
  /// Records in the file.
  private var records = 0
  private var rewriteAt = 0

  init(path: String) {
    self.path = path
  }

  /// Reads the file, if there is one.
  func read() throws(FileError) -> Contents {
    guard let bytes = try StateFiles.contents(of: path, maximum: Self.maximumCount) else { return Contents() }
    return Self.decode(bytes)
  }

  /// Makes `new` durable: appends them, or writes `all` anew when the file has doubled since that was done, or its last write failed.
  func write(new: [Revocation], all: () -> [Revocation]) throws(FileError) {
    guard let file, records + new.count < rewriteAt else { return try rewrite(all()) }
    guard !new.isEmpty else { return }
    // A write that fails may leave half a record, and after a failed fsync nobody knows what the disk has: then only a new file is right.
    self.file = nil
    try file.write(Self.encode(new))
    try file.synchronize()
    self.file = file
    records += new.count
  }

  /// Replaces the file with one that holds `revocations`.
  func rewrite(_ revocations: [Revocation]) throws(FileError) {
    file = nil
    try StateFiles.replace(path, with: Self.header + Self.encode(revocations))
    file = try FileHandle(path, .append)
    records = revocations.count
    rewriteAt = max(Self.leastRewrite, revocations.count * 2)
  }

  static func encode(_ revocations: [Revocation]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(revocations.count * recordCount)
    for revocation in revocations {
      var record = SealedWriter(capacity: recordCount)
      record.write(revocation.id.high)
      record.write(revocation.id.low)
      record.write(revocation.until)
      bytes += record.bytes + SHA256.hash(header + record.bytes).prefix(checksumCount)
    }
    return bytes
  }

  static func decode(_ bytes: [UInt8]) -> Contents {
    var contents = Contents()
    guard bytes.starts(with: header) else {
      // An empty or cut first line is a file whose making was cut short; another one is no journal of ours.
      contents.isTorn = header.starts(with: bytes)
      contents.damaged = contents.isTorn ? 0 : 1
      return contents
    }
    // Bad records before a good one are damage; those after the last good one were never acknowledged.
    var bad = 0
    var position = header.count
    while position + recordCount <= bytes.count {
      if let revocation = record(bytes[position..<position + recordCount]) {
        contents.revocations.append(revocation)
        contents.damaged += bad
        bad = 0
      } else {
        bad += 1
      }
      position += recordCount
    }
    contents.isTorn = bad > 0 || position < bytes.count
    return contents
  }

  private static func record(_ bytes: ArraySlice<UInt8>) -> Revocation? {
    let body = Array(bytes.dropLast(checksumCount))
    guard SHA256.hash(header + body).prefix(checksumCount) == bytes.suffix(checksumCount) else { return nil }
    var reader = SealedReader(body)
    guard let high = reader.readUInt64(), let low = reader.readUInt64(), let until = reader.readInt64(), reader.isAtEnd else { return nil }
    return Revocation(id: SessionID(high: high, low: low), until: until)
  }
}
