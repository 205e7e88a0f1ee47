import Config
import EventLoop
import Gateway
import Glibc

/// Asks the running gateway over its admin socket.
enum AdminClient {
  /// Longer than any reload takes that is not stuck.
  private static let patience: Int64 = 120_000

  /// Prints the gateway's answer, or what kept it from answering.
  /// - Parameter path: the configuration's, which names the socket.
  static func ask(_ request: AdminRequest, configuration path: String) -> ExitCode {
    switch ConfigurationOption.adminPlace(path) {
    case .unnamed:
      Output.error(
        "anteroom: \(path) names no admin socket (add `admin run/admin.sock` and restart the gateway; SIGHUP reloads it as well)")
      return .failure
    case .unknown(let faults):
      for fault in faults { Output.error("\(fault)") }
      Output.error("\(path): no admin socket can be found in it; the running gateway was not asked")
      return .configuration
    case .at(let socket): return ask(request, socket)
    }
  }

  private static func ask(_ request: AdminRequest, _ socket: String) -> ExitCode {
    let connection: LocalConnection
    do throws(SystemError) { connection = try LocalConnection(to: socket) } catch {
      Output.error("anteroom: no gateway answers at \(socket): \(error) (\(mend(error.code)))")
      return .failure
    }
    guard connection.write(request.line, milliseconds: 5000),
      let bytes = connection.readAll(limit: AdminAnswer.maximumCount, milliseconds: patience), let answer = AdminAnswer(bytes)
    else {
      Output.error("anteroom: the gateway at \(socket) gives no answer (look at its log)")
      return .failure
    }
    switch answer.outcome {
    case .done:
      Output.line(answer.text)
      return .fine
    case .refused:
      Output.error(answer.text)
      return .configuration
    case .failed:
      Output.error("anteroom: \(answer.text)")
      return .failure
    }
  }

  private static func mend(_ code: Int32) -> String {
    code == EACCES ? "ask as root, or as the user that it runs as" : "is it running, and by this configuration?"
  }
}
