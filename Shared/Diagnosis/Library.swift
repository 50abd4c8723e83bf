/// A library of the system that the suite stands on.
public struct Library: Sendable {
    public let name: String
    /// Debian's package that brings it.
    public let package: String
    /// The least version that has what is used of it.
    public let leastVersion: [Int]

    public static let messaging = Library("libzmq", package: "libzmq5", leastVersion: [4, 2])
    /// 1.1 is the first that reads and writes MP3.
    public static let soundFiles = Library("libsndfile", package: "libsndfile1", leastVersion: [1, 1])
    public static let algebra = Library("OpenBLAS", package: "libopenblas0-pthread", leastVersion: [0, 3])
    /// 3.34 is the first with the trigram index.
    public static let database = Library("SQLite", package: "libsqlite3-0", leastVersion: [3, 34])
    public static let hashing = Library("libsodium", package: "libsodium23", leastVersion: [1, 0, 12])

    init(_ name: String, package: String, leastVersion: [Int]) {
        self.name = name
        self.package = package
        self.leastVersion = leastVersion
    }

    /// - Parameter version: As the library says it; nil when it could not be asked.
    public func finding(version: String?) -> Finding {
        let subject = "library \(name)"
        let install = "sudo apt-get install \(package)"
        guard let version, !version.isEmpty else {
            return Finding(subject, .fault, "does not answer", remedy: install)
        }
        let numbers = Self.numbers(version)
        guard !numbers.isEmpty else { return Finding(subject, .note, "\(version): a version that is not known here") }
        guard !numbers.lexicographicallyPrecedes(leastVersion) else {
            let least = leastVersion.map(String.init).joined(separator: ".")
            return Finding(subject, .fault, "\(version) is older than \(least)", remedy: install)
        }
        return Finding(subject, .good, version)
    }

    /// The numbers at the beginning: `0.3.21 (SkylakeX)` is 0, 3, 21.
    static func numbers(_ version: String) -> [Int] {
        var numbers: [Int] = []
        for piece in version.prefix(while: { $0.isNumber || $0 == "." }).split(separator: ".") {
            guard let number = Int(piece) else { break }
            numbers.append(number)
        }
        return numbers
    }
}
