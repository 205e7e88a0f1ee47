import Config
import EventLoop
import Gateway
import Glibc
import Login
import Session

/// `--config FILE`, and the configuration that it names.
enum ConfigurationOption {
  static let standard = "gateway.conf"

  /// The file that the options name; `nil` when they are none of ours.
  static func path(_ options: [String]) -> String? {
    switch options.count {
    case 0: return standard
    case 1 where options[0].hasPrefix("--config="): return String(options[0].dropFirst("--config=".count))
    case 2 where options[0] == "--config" || options[0] == "-c": return options[1]
    default: return nil
    }
  }

  /// Reads and checks the file, with this process's environment.
  static func load(_ path: String) -> LoadedConfiguration {
    ConfigurationLoader.load(path: path, files: SystemFiles.access, environment: environment())
  }

  /// As `load`, with what only looking into the files shows that it names.
  static func check(_ path: String) -> LoadedConfiguration {
    var loaded = load(path)
    guard let configuration = loaded.configuration else {
      // What is left out because it is wrong would be missed there: so no warnings.
      let further = loaded.readable.map { CertificateCheck.diagnostics($0) } ?? []
      loaded.diagnostics += further.filter { $0.severity == .error }
      return loaded
    }
    loaded.diagnostics += accountFaults(configuration) + keyFaults(configuration) + CertificateCheck.diagnostics(configuration)
    if !loaded.errors.isEmpty { loaded.configuration = nil }
    return loaded
  }

  /// Where the gateway that runs by this file may be asked.
  static func adminPlace(_ path: String) -> AdminPlace {
    ConfigurationLoader.adminPlace(path: path, files: SystemFiles.access, environment: environment())
  }

  /// The value of an environment variable; `nil` if there is none, or an empty one.
  static func variable(_ name: String) -> String? { environment()[name].flatMap { $0.isEmpty ? nil : $0 } }

  private static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    // Safe: environ is a NULL-terminated list of C strings that nothing in this process changes once it has begun to look into it.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text)
      if let equals = pair.firstIndex(of: "=") { variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...]) }
      unsafe entry += 1
    }
    return variables
  }

  /// Accounts that cannot sign in. The gateway runs without them, so they are warnings.
  private static func accountFaults(_ configuration: Configuration) -> [Diagnostic] {
    Set(configuration.sites.compactMap(\.password?.users)).sorted().flatMap { file -> [Diagnostic] in
      guard case .success(let bytes) = SystemFiles.access.read(file, 64 << 20) else { return [] }
      return AccountsFile(bytes, file: file).faults.map { fault in
        Diagnostic(.warning, file: fault.file, line: fault.line, column: fault.column, fault.message)
      }
    }
  }

  private static func keyFaults(_ configuration: Configuration) -> [Diagnostic] {
    do throws(KeyRingError) {
      try KeyRingDirectory.check(path: configuration.keys, now: System.wallMilliseconds() / 1000)
      return []
    } catch {
      return [Diagnostic(.error, file: configuration.keys, line: 0, column: 0, "\(error)")]
    }
  }
}
