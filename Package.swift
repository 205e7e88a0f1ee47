// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .strictMemorySafety()]
let strictTests: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: strictTests)
}

// Imports point downwards only; Sources/README.md is the map.
let package = Package(
  name: "anteroom",
  products: [.executable(name: "anteroom", targets: ["anteroom"])],
  targets: [
    .executableTarget(
      name: "anteroom",
      dependencies: [
        "Gateway", "Pages", "Policy", "Login", "Session", "Upstream", "Audit", "Config", "HTTP", "Crypto", "EventLoop", "CLinux",
        "Demo",
      ],
      swiftSettings: strict),
    target(
      "Gateway",
      [
        "Pages", "Policy", "Login", "OpenID", "JOSE", "Session", "Upstream", "Fetch", "Audit", "Config", "HTTP", "TLS", "Crypto",
        "EventLoop", "CLinux",
      ]),
    target("Demo", ["Pages", "Config", "HTTP", "Crypto", "EventLoop"]),
    target("Policy", ["Config"]),
    target("Login", ["Session", "Config", "Crypto"]),
    target("Session", ["Config", "Crypto"]),
    target("OpenID", ["JOSE", "Crypto", "Config", "HTTP"]),
    target("JOSE", ["Crypto"]),
    target("Upstream", ["Config", "HTTP", "TLS", "EventLoop", "CLinux"]),
    target("Fetch", ["HTTP", "TLS", "EventLoop"]),
    target("Audit", ["Config"]),
    target("Config", []),
    target("HTTP", []),
    target("Pages", ["Config"]),
    target("Crypto", ["COpenSSL", "COpenSSLShim", "CCrypt"]),
    target("EventLoop", ["TLS", "CLinux"]),
    target("TLS", ["Crypto", "COpenSSL", "COpenSSLShim"]),
    .target(name: "CLinux"),
    .target(name: "COpenSSLShim", dependencies: ["COpenSSL"]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
    tests("anteroom", ["Demo", "Login"]),
    tests(
      "Gateway",
      [
        "TestCertificates", "TestServers", "TestKeys", "Pages", "Policy", "Login", "Session", "Upstream", "OpenID", "JOSE", "Fetch",
        "Audit", "Config",
        "HTTP",
        "TLS", "Crypto", "EventLoop",
      ]),
    tests("Demo", ["Login", "Config", "HTTP", "Crypto", "EventLoop"]),
    tests("Policy", ["Config"]),
    tests("Login", ["Session", "Config", "Crypto"]),
    tests("Session", ["Config", "Crypto"]),
    tests("OpenID", ["TestKeys", "JOSE", "Crypto", "Config", "HTTP"]),
    tests("JOSE", ["TestKeys", "Crypto"]),
    tests("Upstream", ["Config", "HTTP", "TLS", "EventLoop"]),
    tests("Fetch", ["TestServers", "TestCertificates", "HTTP", "TLS", "EventLoop"]),
    tests("Pages", ["Config"]),
    tests("Audit", ["Config"]),
    tests("Config", []),
    tests("HTTP", []),
    tests("Crypto", ["TestKeys"]),
    tests("EventLoop", ["TestCertificates", "TLS", "CLinux"]),
    tests("TLS", ["TestCertificates", "Crypto", "COpenSSL", "COpenSSLShim"]),
    .target(
      name: "TestServers", dependencies: ["TestCertificates", "TLS", "EventLoop"], path: "Tests/TestServers", swiftSettings: strictTests),
    .target(name: "TestKeys", dependencies: ["Crypto", "COpenSSL"], path: "Tests/TestKeys", swiftSettings: strictTests),
    .target(name: "TestCertificates", dependencies: ["COpenSSL"], path: "Tests/TestCertificates", swiftSettings: strictTests),
  ]
)
