import Config
import Demo
import EventLoop
import Gateway
import Glibc
import Pages

/// `anteroom demo`: a clinic, an app without a login, and the gateway between them, on loopback, until a signal ends it.
enum DemoCommand {
  private static let standardPort: UInt16 = 8080

  static func run(_ options: [String]) -> ExitCode {
    guard let port = port(options) else {
      return Anteroom.usage("demo takes --port NUMBER and nothing else (0 to 65535; 0 for one that is free)")
    }
    // Before the first thread, so that all inherit it; also before there is a folder, so that a signal cannot leave it behind.
    Signals.block()
    do throws(CommandFault) {
      try present(port: port)
      return .fine
    } catch {
      Output.error("anteroom: \(error)")
      return .failure
    }
  }

  /// `nil` when the options are none of ours.
  static func port(_ options: [String]) -> UInt16? {
    let text: Substring
    switch options.count {
    case 0: return standardPort
    case 1 where options[0].hasPrefix("--port="): text = options[0].dropFirst("--port=".count)
    case 2 where options[0] == "--port" || options[0] == "-p": text = options[1][...]
    default: return nil
    }
    return text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(text) : nil
  }

  private static func present(port: UInt16) throws(CommandFault) {
    let addresses = try free(port)
    let folder: TemporaryFolder
    do throws(TemporaryFolder.Fault) {
      folder = try TemporaryFolder(in: ConfigurationOption.variable("TMPDIR") ?? "/tmp", prefix: "anteroom-demo-")
    } catch { throw CommandFault(error.description) }
    defer { folder.remove() }
    do throws(TemporaryFolder.Fault) {
      try folder.write(DemoConfiguration.accountsFileName, DemoAccount.file(DemoAccount.all))
    } catch { throw CommandFault(error.description) }
    let standIns: StandInThread
    let app: SocketAddress
    do throws(SystemError) {
      standIns = try StandInThread()
      app = try standIns.serve { DemoSites.app() }
    } catch { throw CommandFault("the demo's app cannot be started: \(error)") }
    defer { standIns.stop() }
    let listeners = addresses.map { Listener(address: $0.host, port: $0.port) }
    let gateway: Gateway
    do throws(StartFault) {
      gateway = try Gateway(DemoConfiguration.make(folder: folder.path, listeners: listeners, app: app), isInMemory: true)
    } catch { throw CommandFault(error.description) }
    defer { gateway.stop() }
    // One host name for the gateway, another for the clinic: a click from one to the other is cross-site, as it is with Cliniko.
    let address = "http://localhost:\(listeners[0].port)"
    let page = DemoPages.clinic(gateway: address, accounts: DemoAccount.all.map { ($0.user, $0.password, $0.name) })
    let clinic: SocketAddress
    do throws(SystemError) { clinic = try standIns.serve { DemoSites.clinic(page: page) } } catch {
      throw CommandFault("the demo's clinic cannot be started: \(error)")
    }
    Output.line(words(clinic: "http://\(clinic)/", gateway: address, app: "http://\(app)/", folder: folder.path))
    waitForTheEnd()
  }

  private static func free(_ port: UInt16) throws(CommandFault) -> [SocketAddress] {
    do throws(LoopbackPort.Fault) { return try LoopbackPort.addresses(port: port) } catch {
      switch error {
      case .taken: throw CommandFault("port \(port) is taken by another program", "take one that is free: anteroom demo --port 0")
      case .refused(EACCES):
        throw CommandFault("port \(port) is for root only", "take one that is free: anteroom demo --port 0")
      case .refused(let code): throw CommandFault("port \(port) cannot be used", code, "take one that is free: anteroom demo --port 0")
      }
    }
  }

  /// A terminal that is closed ends the demo too.
  private static func waitForTheEnd() {
    while true {
      switch Signals.wait() {
      case .terminate, .reload: return
      case .reopen, nil: continue
      }
    }
  }

  static func words(clinic: String, gateway: String, app: String, folder: String) -> String {
    func column(_ text: String, _ all: [String]) -> String {
      text + String(repeating: " ", count: (all.map(\.count).max() ?? 0) - text.count)
    }
    let all = DemoAccount.all
    let accounts = all.map { account in
      "       \(column(account.user, all.map(\.user)))   \(column(account.password, all.map(\.password)))   (\(account.name))"
    }
    return """

      Anteroom demo: a clinic, an old app without a login, and the gateway between them.

        1. Open the clinic in a browser

             \(clinic)

        2. Click "Open in Legacy Notes" at a patient, and sign in as one of

      \(accounts.joined(separator: "\n"))

        3. Click another patient: no login this time.

        The gateway         \(gateway)/
        The app behind it   \(app)   (what it shows to whoever gets past the gateway)
        The audit trail     \(DemoConfiguration.auditFolder(in: folder))/

      All of it is made up and on this machine only. Ctrl-C ends it and removes its files.

      """
  }
}
