/// Where a directive may stand.
package enum BlockKind: String, Sendable, CaseIterable {
  case top, listen, limits, site, siteLimits, upstream, patient, lookup, login, throttle, oidc, claims, bearer, forward, app, probe, session
  case identity, request, brand
  case websocket, eventStream, cookies

  /// How a message or the manual names the place.
  package var title: String {
    switch self {
    case .top: "the top level"
    case .siteLimits: "`limits` of a `site`"
    case .login: "`login password`"
    case .oidc: "`login oidc`"
    case .forward: "`login forward`"
    case .app: "`login app`"
    case .eventStream: "`event_stream`"
    default: "`\(rawValue)`"
    }
  }
}

/// What is known about one directive: the parser, the manual and completion all read it here.
package struct DirectiveDescription: Sendable {
  package enum Braces: Sendable { case none, optional, required }

  package var name: String
  package var blocks: [BlockKind]
  /// One line, as the manual shows it.
  package var syntax: String
  /// How many arguments it takes.
  package var arguments: ClosedRange<Int>
  package var braces: Braces
  /// The places that its own block may be; empty where it has none.
  package var opens: [BlockKind]
  /// What holds without it; `nil` where there is nothing to say.
  package var fallback: String?
  package var isRepeatable: Bool
  /// One line.
  package var summary: String
  /// The manual's text: paragraphs in lines that fit a terminal.
  package var text: String

  init(
    _ name: String, in blocks: [BlockKind], _ syntax: String, arguments: ClosedRange<Int>, braces: Braces = .none, opens: BlockKind...,
    fallback: String? = nil, repeatable: Bool = false, summary: String, text: String
  ) {
    self.name = name
    self.blocks = blocks
    self.syntax = syntax
    self.arguments = arguments
    self.braces = braces
    self.opens = opens
    self.fallback = fallback
    isRepeatable = repeatable
    self.summary = summary
    self.text = ManualText.reflow(text)
  }
}

/// All directives, in the order of the manual.
package enum DirectiveTable {
  package static let all: [DirectiveDescription] =
    processDirectives + proxyDirectives + filesDirectives + limitsDirectives + siteDirectives + upstreamDirectives + patientDirectives
    + loginDirectives + openIDDirectives + forwardDirectives + appLoginDirectives
    + headerDirectives + streamDirectives + brandDirectives

  /// The directives that may stand in `block`, in the order of the manual.
  package static func directives(in block: BlockKind) -> [DirectiveDescription] { all.filter { $0.blocks.contains(block) } }

  /// Every directive of that name; one name may mean different things in different blocks.
  package static func named(_ name: String) -> [DirectiveDescription] { all.filter { $0.name == name } }

  static func find(_ name: String, in block: BlockKind) -> DirectiveDescription? { byBlock[block]?[name] }

  private static let byBlock: [BlockKind: [String: DirectiveDescription]] = {
    var table: [BlockKind: [String: DirectiveDescription]] = [:]
    for directive in all {
      for block in directive.blocks { table[block, default: [:]][directive.name] = directive }
    }
    return table
  }()
}
