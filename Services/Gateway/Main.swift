import ServiceKit
import Wire

@main
struct Main {
    static func main() async {
        await ServiceProcess.main(GatewayConfiguration.self) { configuration, context in
            let dialogues = DialogueService(
                sessionsMax: configuration.sessionsMax, sessionsWaitingMax: configuration.sessionsWaitingMax,
                appearWait: configuration.appearWait, logger: context.logger)
            var limits = context.settings.limits
            limits.appearWait = configuration.appearWait
            let gateway = WireGateway(
                bind: try context.settings.endpoints(configuration.bind), software: Software.version,
                methods: dialogues.methods, limits: limits, timings: context.settings.timings, logger: context.logger)
            dialogues.attach(gateway)
            return [
                UntilShutdown("gateway") {
                    async let served: Void = gateway.run()
                    let bound = try await gateway.boundEndpoints
                    context.announceReady(["gateway": bound.map(\.text).joined(separator: ",")])
                    try await served
                }
            ]
        }
    }
}
