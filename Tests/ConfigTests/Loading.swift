@testable import Config

/// Loads `text` as /etc/anteroom/gateway.conf, with more files beside it.
func load(_ text: String, _ files: MemoryFiles = MemoryFiles(), environment: [String: String] = [:]) -> LoadedConfiguration {
  var files = files
  files.files["/etc/anteroom/gateway.conf"] = .init(text)
  if files.files["/etc/anteroom/users.passwd"] == nil { files.files["/etc/anteroom/users.passwd"] = .init("jane:x\n") }
  files.currentFolder = "/etc/anteroom"
  return ConfigurationLoader.load(path: "gateway.conf", files: files.access, environment: environment)
}

/// A file with one listener and one site, more lines in the site and at the top level.
func minimal(top: String = "", site: String = "") -> String {
  """
  listen 127.0.0.1:8080
  site app.example.com {
  upstream http://127.0.0.1:9000
  login password { users users.passwd }
  \(site)
  }
  \(top)
  """
}

/// The diagnostics as the operator sees them, without what every one begins with.
func messages(_ loaded: LoadedConfiguration) -> [String] { loaded.diagnostics.map(\.description) }

/// The only site of a file that has no fault.
func site(_ lines: String, _ files: MemoryFiles = MemoryFiles(), environment: [String: String] = [:]) -> Site? {
  load(minimal(site: lines), files, environment: environment).configuration?.sites.first
}
