/// What ended last, so that a request that is sent again is not worked on again.
package struct Recent<Name: Hashable & Sendable>: Sendable {
    private let most: Int
    private var known: Set<Name> = []
    /// A ring once it is full.
    private var order: [Name] = []
    private var oldest = 0

    package init(most: Int) { self.most = most }

    package func contains(_ name: Name) -> Bool { known.contains(name) }

    package mutating func insert(_ name: Name) {
        guard known.insert(name).inserted else { return }
        guard order.count == most else {
            order.append(name)
            return
        }
        known.remove(order[oldest])
        order[oldest] = name
        oldest = (oldest + 1) % most
    }
}
