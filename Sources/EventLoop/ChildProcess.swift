import CLinux
import Glibc

// Copies of the texts, each ending in NUL, live until the call is over: that is why `unsafe` is safe throughout this file.

/// A process that this one has started.
package struct ChildProcess: Sendable {
  package let id: Int32

  /// Starts a program.
  /// - Parameters:
  ///   - arguments: the program as it is called, by a path or by a name that is looked for in PATH, and what it is given.
  ///   - variables: its environment, beside that of this process.
  ///   - without: the names of variables that it does not get.
  ///   - keeping: the descriptors of ours that it has as well, under the same numbers; no others but 0, 1 and 2.
  package init(_ arguments: [String], variables: [String: String], without: Set<String>, keeping: [Int32]) throws(SystemError) {
    guard let program = arguments.first else { throw SystemError("posix_spawn", ENOENT) }
    let environment = Self.environment.filter { !without.contains($0.name) && variables[$0.name] == nil }.map { "\($0.name)=\($0.value)" }
    var argumentList = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var variableList = unsafe (environment + variables.map { "\($0.key)=\($0.value)" }).map { unsafe strdup($0) } + [nil]
    defer {
      unsafe (argumentList + variableList).forEach { unsafe free($0) }
    }
    var child: pid_t = 0
    let code = unsafe anteroom_spawn(&child, program, &argumentList, &variableList, keeping, keeping.count)
    guard code == 0 else { throw SystemError("posix_spawn", code) }
    id = child
  }

  private static var environment: [(name: String, value: String)] {
    var variables: [(name: String, value: String)] = []
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text)
      if let equals = pair.firstIndex(of: "=") { variables.append((String(pair[..<equals]), String(pair[pair.index(after: equals)...]))) }
      unsafe entry += 1
    }
    return variables
  }

  /// Ends it at once, and comes back when it is gone.
  package func kill() {
    _ = Glibc.kill(id, SIGKILL)
    var status: Int32 = 0
    while unsafe waitpid(id, &status, 0) < 0, anteroom_errno() == EINTR {}
  }
}
