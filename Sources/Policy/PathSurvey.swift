/// What is true of a path on every site, found out once for each request.
package struct PathSurvey: Sendable, Equatable {
  /// The gateway's own address that it names.
  package let reserved: ReservedPath?
  /// Nothing in it is read otherwise by one app than by another, apart from letter case.
  let hasOneReading: Bool

  /// Looks at a path as sent.
  package init(_ path: Span<UInt8>) {
    hasOneReading = PathTraits.none(in: path)
    reserved = ReservedPath.parse(path, hasOneReading: hasOneReading)
  }
}
