import Config
import Glibc

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

  /// The value of an environment variable; `nil` if there is none, or an empty one.
  static func variable(_ name: String) -> String? { environment()[name].flatMap { $0.isEmpty ? nil : $0 } }

  private static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    // Safe: environ is a NULL-terminated list of C strings that nobody changes while this process has one thread.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text)
      if let equals = pair.firstIndex(of: "=") { variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...]) }
      unsafe entry += 1
    }
    return variables
  }
}
