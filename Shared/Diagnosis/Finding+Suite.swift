extension Finding {
    /// One of the suite's executables, which `up` and `speak` start.
    public static func executable(_ name: String, in folder: String, isThere: Bool) -> Finding {
        let subject = "executable \(name)"
        guard !isThere else { return Finding(subject, .good, folder) }
        return Finding(subject, .fault, "is not in \(folder)", remedy: "make build (and keep the five together)")
    }

    /// A gateway that answers; a `speak` without one starts a suite for itself.
    public static func gateway(_ endpoint: String, workers: [String], missing: [String]) -> Finding {
        let fact = "\(endpoint) answers, with \(workers.isEmpty ? "no worker" : workers.joined(separator: ", "))"
        guard !missing.isEmpty else { return Finding("gateway", .good, fact) }
        return Finding(
            "gateway", .fault, "\(fact); \(missing.joined(separator: ", ")) missing",
            remedy: missing.map { "colloquy-\($0)" }.joined(separator: " & ") + ", or start all with: colloquy up")
    }

    /// - Parameter isNamed: Whether the user named this endpoint, so that no other suite will do.
    public static func gateway(_ endpoint: String, silence reason: String, isNamed: Bool) -> Finding {
        guard !isNamed else {
            return Finding(
                "gateway", .fault, "\(endpoint): \(reason)",
                remedy: "start it there: colloquy-gateway --gateway \(endpoint)")
        }
        return Finding("gateway", .good, "none runs at \(endpoint); speak starts a suite for itself")
    }
}
