import Contracts
import ServiceKit
import VoiceLibrary
import Wire

/// `colloquy-voices`: opens the library, offers the embedded model's speakers to it, and answers the methods of `voices`.
@main
struct Main {
    static func main() async {
        await ServiceProcess.main(VoicesConfiguration.self) { configuration, context in
            let logger = context.logger
            let library = try VoicesStart.open(configuration)
            await VoicesStart.offerDemoSpeakers(to: library, logger: logger)

            let codec = CodecDoor()
            let handlers = VoiceHandlers(library: library, codec: codec, logger: logger)
            let worker = try context.worker(methods: handlers.methods)
            codec.open(through: worker)
            let encoding = MissingCodes(library: library, codec: codec, logger: logger)
            context.announceReady()
            return [
                UntilShutdown("voices worker") {
                    try await worker.run()
                    // Whatever ran has been answered; a closed library is one file and no lock.
                    try library.close()
                },
                UntilShutdown("codes of builtin voices") { await encoding.run() },
            ]
        }
    }
}
