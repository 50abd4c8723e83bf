import Contracts

/// A request that was forwarded, and the state of its streams as they pass by.
package struct Route: Sendable {
    package let caller: PeerKey
    package let callerStream: StreamID
    package let worker: PeerKey
    /// As the caller's, unless the worker has a stream of that name already.
    package let workerStream: StreamID
    package let method: String
    package let deadline: Moment
    package let budget: Duration
    /// Items from the caller to the worker.
    package var toWorker = Inflow()
    /// Items from the worker to the caller.
    package var toCaller = Inflow()
}

/// The forwarded requests, found from either side.
package struct RouteTable: Sendable {
    package struct Leg: Hashable, Sendable {
        package let peer: PeerKey
        package let stream: StreamID
    }

    private var routes: [Leg: Route] = [:]
    private var callerLegs: [Leg: Leg] = [:]

    package var count: Int { routes.count }

    /// In an order that does not depend on hashing.
    package var all: [Route] { routes.values.sorted { $0.callerStream < $1.callerStream } }

    package func hasWorkerLeg(_ peer: PeerKey, _ stream: StreamID) -> Bool {
        routes[Leg(peer: peer, stream: stream)] != nil
    }
    package func hasCallerLeg(_ peer: PeerKey, _ stream: StreamID) -> Bool {
        callerLegs[Leg(peer: peer, stream: stream)] != nil
    }

    /// The route whose caller names it so.
    package subscript(caller peer: PeerKey, stream: StreamID) -> Route? {
        get { callerLegs[Leg(peer: peer, stream: stream)].flatMap { routes[$0] } }
        set {
            guard let leg = callerLegs[Leg(peer: peer, stream: stream)], let newValue else { return }
            routes[leg] = newValue
        }
    }

    /// The route whose worker names it so.
    package subscript(worker peer: PeerKey, stream: StreamID) -> Route? {
        get { routes[Leg(peer: peer, stream: stream)] }
        set {
            let leg = Leg(peer: peer, stream: stream)
            guard routes[leg] != nil, let newValue else { return }
            routes[leg] = newValue
        }
    }

    package mutating func add(_ route: Route) {
        let leg = Leg(peer: route.worker, stream: route.workerStream)
        routes[leg] = route
        callerLegs[Leg(peer: route.caller, stream: route.callerStream)] = leg
    }

    package mutating func remove(_ route: Route) {
        routes.removeValue(forKey: Leg(peer: route.worker, stream: route.workerStream))
        callerLegs.removeValue(forKey: Leg(peer: route.caller, stream: route.callerStream))
    }
}
