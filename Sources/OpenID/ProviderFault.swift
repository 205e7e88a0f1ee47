/// What is wrong with a provider or the way to it, in words for an operator, with the mend in parentheses where there is one.
package struct ProviderFault: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
