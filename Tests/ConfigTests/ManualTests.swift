import Testing

@testable import Config

@Suite struct ManualTests {
  @Test("every topic has a text that ends with a new line, in lines that fit a terminal")
  func texts() throws {
    for topic in Manual.topics() {
      let text = try #require(Manual.text(topic: topic.name))
      #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
      for line in text.split(separator: "\n") { #expect(line.count <= 88, "\(topic.name): \(line)") }
      #expect(!topic.summary.isEmpty)
    }
    #expect(Manual.text(topic: "none") == nil)
    #expect(Manual.text(topic: "SITE") == Manual.text(topic: "site"))
  }

  @Test("topics are named once, and every directive is one")
  func names() {
    let names = Manual.topics().map(\.name)
    #expect(Set(names).count == names.count)
    for directive in DirectiveTable.all { #expect(names.contains(directive.name)) }
    for name in ["gateway.conf", "accounts", "patient", "logs", "keys", "forwarding", "answers"] { #expect(names.contains(name)) }
    #expect(Manual.nearest(topic: "acounts") == "accounts")
  }

  @Test("a directive's text has its syntax, default and place, and what its block holds")
  func directive() throws {
    let text = try #require(Manual.text(topic: "session"))
    #expect(text.contains("  Syntax:   session { ... }\n"))
    #expect(text.contains("  Place:    `site`\n"))
    #expect(text.contains("  lifetime "))
    #expect(try #require(Manual.text(topic: "idle")).contains("  Default:  2h\n"))
  }

  @Test("a name with several meanings shows all of them")
  func several() throws {
    let text = try #require(Manual.text(topic: "name"))
    #expect(text.contains("`identity`") && text.contains("`brand`"))
    let keys = try #require(Manual.text(topic: "keys"))
    #expect(keys.contains("keys FOLDER") && keys.contains("openssl rand -hex 32"))
    let audit = try #require(Manual.text(topic: "audit"))
    #expect(audit.contains("audit FOLDER") && audit.contains("login-required"))
  }

  @Test("the overview lists every supported directive")
  func overview() {
    for directive in DirectiveTable.all { #expect(Manual.overview().contains("  \(directive.name) ")) }
  }

  @Test("the lines for each provider load without a warning, once their names are filled in")
  func providers() throws {
    let text = try #require(Manual.text(topic: "providers"))
    let files = MemoryFiles(["/etc/anteroom/oidc.secret": .init("s")])
    let blocks = text.split(separator: "    login oidc {\n").dropFirst().compactMap { $0.split(separator: "\n    }\n").first }
    #expect(blocks.count == 5)
    for block in blocks {
      let loaded = load(minimal(site: "login oidc {\n\(block)\n}"), files)
      #expect(loaded.configuration?.sites.first?.logins.count == 2 && loaded.diagnostics.isEmpty, "\(block): \(messages(loaded))")
    }
  }

  @Test("the examples of the manual load")
  func examples() throws {
    let text = try #require(Manual.text(topic: "gateway.conf"))
    let start = try #require(text.firstRange(of: "The least that runs:\n"))
    #expect(load(String(text[start.upperBound...])).diagnostics.isEmpty)
  }

  @Test("the examples of addresses for patients load without a warning")
  func patientAddresses() throws {
    let text = try #require(Manual.text(topic: "patient-address"))
    var blocks: [String] = []
    var end: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasSuffix(" patient /patients {") {
        end = line.prefix { $0 == " " } + "}"
        blocks.append("")
      } else if line == end {
        end = nil
      } else if end != nil {
        blocks[blocks.count - 1] += line + "\n"
      }
    }
    #expect(blocks.count == 4)
    for block in blocks {
      let loaded = load(minimal(site: "patient /patients {\n\(block)\n}"))
      #expect(loaded.configuration?.sites.first?.patients.first?.to != nil && loaded.diagnostics.isEmpty, "\(block): \(messages(loaded))")
    }
  }
}
