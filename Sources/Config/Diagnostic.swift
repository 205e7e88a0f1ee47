/// One thing that is wrong, or that an operator must know, about the configuration.
package struct Diagnostic: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Severity: String, Sendable { case error, warning }
  package var severity: Severity
  /// The file as the operator named it, or as `include` found it.
  package var file: String
  /// Counted from 1; 0 where no line is meant.
  package var line: Int
  /// Counted in characters from 1.
  package var column: Int
  /// What is wrong, and the mend in parentheses.
  package var message: String

  package init(_ severity: Severity, file: String, line: Int, column: Int, _ message: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  package init(_ severity: Severity, at position: Position, _ message: String) {
    self.init(severity, file: position.file, line: position.line, column: position.column, message)
  }

  /// `FILE:LINE:COLUMN: error: message`
  package var description: String {
    line == 0 ? "\(file): \(severity.rawValue): \(message)" : "\(file):\(line):\(column): \(severity.rawValue): \(message)"
  }
}
