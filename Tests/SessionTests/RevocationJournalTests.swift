import Testing

@testable import Session

@Suite struct RevocationJournalTests {
  let directory: TemporaryDirectory
  let three = (1...3).map { Revocation(id: SessionID(high: 5, low: UInt64($0)), until: 1_000 + Int64($0)) }
  var path: String { directory.path + "/revocations" }

  init() throws { directory = try TemporaryDirectory() }

  @Test("records have 32 bytes and are read back")
  func roundTrip() {
    let bytes = RevocationJournal.header + RevocationJournal.encode(three)
    #expect(bytes.count == RevocationJournal.header.count + 96)
    let contents = RevocationJournal.decode(bytes)
    #expect(contents.revocations == three)
    #expect(contents.damaged == 0)
    #expect(!contents.isTorn)
  }

  @Test("a torn end costs the record it cut and nothing else", arguments: 1..<32)
  func torn(missing: Int) {
    let bytes = (RevocationJournal.header + RevocationJournal.encode(three)).dropLast(missing)
    let contents = RevocationJournal.decode(Array(bytes))
    #expect(contents.revocations == Array(three.prefix(2)))
    #expect(contents.damaged == 0)
    #expect(contents.isTorn)
  }

  @Test("an end that the disk never wrote is torn, not damaged")
  func zeroes() {
    let bytes = RevocationJournal.header + RevocationJournal.encode(three) + [UInt8](repeating: 0, count: 70)
    let contents = RevocationJournal.decode(bytes)
    #expect(contents.revocations == three)
    #expect(contents.damaged == 0)
    #expect(contents.isTorn)
  }

  @Test("any flipped bit of a record in the middle is noticed, and the others load", arguments: 0..<32)
  func damaged(offset: Int) {
    var bytes = RevocationJournal.header + RevocationJournal.encode(three)
    bytes[RevocationJournal.header.count + 32 + offset] ^= 4
    let contents = RevocationJournal.decode(bytes)
    #expect(contents.revocations == [three[0], three[2]])
    #expect(contents.damaged == 1)
    #expect(!contents.isTorn)
  }

  @Test("a cut first line is torn; another one is damage")
  func header() {
    for count in RevocationJournal.header.indices {
      let contents = RevocationJournal.decode(Array(RevocationJournal.header.prefix(count)))
      #expect(contents.isTorn)
      #expect(contents.damaged == 0)
    }
    #expect(RevocationJournal.decode([UInt8]("anteroom revocations 9\nxx".utf8)).damaged == 1)
  }

  @Test("the first write makes the file, further ones append")
  func appends() throws {
    let journal = RevocationJournal(path: path)
    try journal.write(new: [], all: { [three[0]] })
    try journal.write(new: [three[1]], all: { [] })
    try journal.write(new: [three[2]], all: { [] })
    #expect(try RevocationJournal(path: path).read().revocations == three)
    #expect(try directory.mode("revocations") == 0o600)
  }

  @Test("a file that has doubled with expired records is written anew")
  func compaction() throws {
    let journal = RevocationJournal(path: path)
    try journal.rewrite([])
    let many = (0..<4_095).map { Revocation(id: SessionID(high: 0, low: UInt64($0)), until: 1) }
    try journal.write(new: many, all: { three })
    #expect(try journal.read().revocations.count == 4_095)
    try journal.write(new: [three[0]], all: { three })
    #expect(try journal.read().revocations == three)
  }

  @Test("after an append that failed the next write makes a new file, even with nothing new")
  func failedAppend() throws {
    let journal = RevocationJournal(path: path)
    try journal.rewrite([three[0]])
    // Every write to this device fails for want of space.
    journal.file = try FileHandle("/dev/full", .append)
    #expect(throws: FileError.self) { try journal.write(new: [three[1]], all: { three }) }
    #expect(try journal.read().revocations == [three[0]])
    try journal.write(new: [], all: { three })
    #expect(try journal.read().revocations == three)
  }

  @Test("after a new file could not be made the next write tries again")
  func recovery() throws {
    let journal = RevocationJournal(path: path)
    try journal.rewrite([])
    try directory.makeDirectory("revocations.new")
    #expect(throws: FileError.self) { try journal.rewrite([]) }
    #expect(throws: FileError.self) { try journal.write(new: [three[0]], all: { three }) }
    try directory.remove("revocations.new")
    try journal.write(new: [], all: { three })
    #expect(try RevocationJournal(path: path).read().revocations == three)
  }
}
