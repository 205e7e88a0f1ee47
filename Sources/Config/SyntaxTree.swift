/// Where something stands in a file.
package struct Position: Sendable, Hashable {
  /// The file as the operator named it, or as `include` found it.
  package var file: String
  /// Counted from 1; 0 where no line is meant.
  package var line: Int
  /// Counted in characters from 1.
  package var column: Int

  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The folder that relative paths written in this file start from: empty, or ends with `/`.
  var folder: String {
    guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(file[...slash])
  }
}

/// One argument of a directive, quotes and escapes already undone.
struct Argument: Sendable, Equatable {
  var text: String
  var position: Position
}

/// One directive as it was written, before anybody asks whether it means anything.
struct Directive: Sendable, Equatable {
  var name: String
  var position: Position
  var arguments: [Argument] = []
  /// `nil` without braces.
  var block: [Directive]?
  /// A fault in it was already reported: it counts as given, but is not read.
  var isFaulty = false
}
