import Synchronization

/// Keeps the filters of the pairs of rates last built: a service meets the same few again and again.
enum ResamplingFilterCache {
    private struct RatePair: Hashable {
        let source: Int
        let target: Int
    }

    private struct Kept {
        var filters: [RatePair: ResamplingFilter] = [:]
        /// The oldest first.
        var order: [RatePair] = []
        var coefficients: Int { filters.values.reduce(0) { $0 + $1.coefficients.count } }
    }

    /// 32 MiB. The pairs that occur need some kilobytes each; a stranger's odd rates push out only what is oldest.
    private static let coefficientsMax = 8 << 20
    private static let kept = Mutex(Kept())

    static func filter(from source: Int, to target: Int) -> ResamplingFilter {
        let pair = RatePair(source: source, target: target)
        if let known = kept.withLock({ $0.filters[pair] }) { return known }
        // Built outside the lock: two may build the same one, which costs time and changes nothing.
        let built = ResamplingFilter(from: source, to: target)
        kept.withLock { kept in
            if kept.filters.updateValue(built, forKey: pair) == nil { kept.order.append(pair) }
            while kept.coefficients > coefficientsMax, let oldest = kept.order.first {
                kept.order.removeFirst()
                kept.filters[oldest] = nil
            }
        }
        return built
    }
}
