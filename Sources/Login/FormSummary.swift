import Session

/// What a page says of a form that waits: how many fields it has, and which files.
package struct FormSummary: Sendable, Equatable {
  package struct File: Sendable, Equatable {
    /// As the browser named it, at most 200 bytes.
    package var name: String
    /// In bytes.
    package var size: Int

    package init(name: String, size: Int) {
      self.name = name
      self.size = size
    }
  }

  /// Fields that are no files.
  package var fields: Int
  /// The first of the files.
  package var files: [File]
  /// How many files there are in all.
  package var fileCount: Int

  package init(fields: Int, files: [File] = [], fileCount: Int = 0) {
    self.fields = fields
    self.files = files
    self.fileCount = fileCount
  }

  private static let namedFiles = 20
  private static let longestName = 200
  /// Parts that are looked at: what is told of a form need not be exact to the last of thousands.
  private static let parts = 10_000

  /// Reads a body; nothing that it may hold is a fault here.
  /// - Parameter contentType: the value of Content-Type, of one of the two kinds that are held.
  package init(contentType: [UInt8], body: [UInt8]) {
    self.init(fields: 0)
    guard let boundary = Self.boundary(contentType) else {
      fields = body.split(separator: UInt8(ascii: "&")).count
      return
    }
    let delimiter = [UInt8]("--".utf8) + boundary
    var mark = Self.find(delimiter, in: body, from: 0)
    for _ in 0..<Self.parts {
      guard let start = mark.map({ $0 + delimiter.count }), start + 1 < body.count, body[start] != UInt8(ascii: "-") else { return }
      let next = Self.find([0x0D, 0x0A] + delimiter, in: body, from: start)
      let end = next ?? body.count
      if let headEnd = Self.find([0x0D, 0x0A, 0x0D, 0x0A], in: body, from: start), headEnd < end {
        add(head: String(decoding: body[start..<min(headEnd, start + 4096)], as: UTF8.self), size: end - headEnd - 4)
      }
      mark = next.map { $0 + 2 }
    }
  }

  private mutating func add(head: String, size: Int) {
    guard let name = Self.fileName(head) else {
      fields += 1
      return
    }
    // What a browser sends for a file input that was left empty.
    if name.isEmpty, size == 0 { return }
    fileCount += 1
    guard files.count < Self.namedFiles else { return }
    files.append(File(name: String(decoding: name.utf8.prefix(Self.longestName), as: UTF8.self), size: size))
  }

  /// The value of the parameter `filename` of Content-Disposition, as browsers write it (HTML, section 4.10.22.8).
  private static func fileName(_ head: String) -> String? {
    for line in head.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix("content-disposition:") {
      guard let start = line.firstRange(of: "filename=\"") else { return nil }
      let name = line[start.upperBound...].prefix { $0 != "\"" }
      return String(name.replacing("%22", with: "\"").replacing("%0D", with: " ").replacing("%0A", with: " "))
    }
    return nil
  }

  /// Of `multipart/form-data`; `nil` for another type.
  private static func boundary(_ contentType: [UInt8]) -> [UInt8]? {
    let lower = contentType.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let parameter = [UInt8]("boundary=".utf8)
    guard let place = find(parameter, in: lower, from: 0) else { return nil }
    let value = contentType[(place + parameter.count)...]
    let isQuoted = value.first == UInt8(ascii: "\"")
    let name = value.dropFirst(isQuoted ? 1 : 0).prefix { byte in
      isQuoted ? byte != UInt8(ascii: "\"") : byte != UInt8(ascii: ";") && byte != UInt8(ascii: " ")
    }
    return name.isEmpty ? nil : [UInt8](name)
  }

  private static func find(_ mark: [UInt8], in body: [UInt8], from start: Int) -> Int? {
    guard mark.count <= body.count else { return nil }
    let bytes = body.span
    let wanted = mark.span
    var i = start
    while i <= bytes.count - wanted.count {
      if bytes[i] == wanted[0] {
        var length = 1
        while length < wanted.count, bytes[i + length] == wanted[length] { length += 1 }
        if length == wanted.count { return i }
      }
      i += 1
    }
    return nil
  }

  // MARK: Sealed

  func write(to writer: inout SealedWriter) {
    writer.write(Int64(fields))
    writer.write(Int64(fileCount))
    writer.write(files.map(\.name))
    for file in files { writer.write(Int64(file.size)) }
  }

  init?(from reader: inout SealedReader) {
    guard let fields = reader.readInt64(), let fileCount = reader.readInt64(), let names = reader.readTexts() else { return nil }
    var files: [File] = []
    for name in names {
      guard let size = reader.readInt64() else { return nil }
      files.append(File(name: name, size: Int(clamping: size)))
    }
    self.init(fields: Int(clamping: fields), files: files, fileCount: Int(clamping: fileCount))
  }
}
