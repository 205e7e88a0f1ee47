import EventLoop

/// What a process was given by whoever started it, beside its command line.
package struct Inheritance: Sendable {
  /// The command line, to start the program anew; `nil` where that makes no sense.
  var program: [String]?
  /// The process to take over from.
  package private(set) var predecessor: Predecessor?
  /// Listening sockets of a service manager, not looked at yet.
  var passed: [Int32] = []
  /// Where the service manager wants to hear how we are.
  var notifyAddress: String?

  /// Nothing.
  package init() {}

  /// Takes what the environment tells of, and takes that out of the environment. To be called once, on the main thread before any other is
  /// started.
  package static func take() -> Inheritance {
    var inheritance = Inheritance()
    inheritance.program = CommandLine.arguments
    let channel = ServiceManager.variable(Predecessor.variable)
    ServiceManager.removeVariable(Predecessor.variable)
    inheritance.predecessor = channel.flatMap { Int32($0) }.flatMap { MessageChannel(adopting: $0) }.map { Predecessor($0) }
    inheritance.passed = ServiceManager.takeDescriptors()
    inheritance.notifyAddress = ServiceManager.variable("NOTIFY_SOCKET")
    return inheritance
  }
}
