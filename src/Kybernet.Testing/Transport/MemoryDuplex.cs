using System.IO.Pipelines;

namespace Kybernet.Testing.Transport;

/// <summary>The two ends of a connection that no network knows of.</summary>
internal static class MemoryDuplex
{
    // Enough that neither end waits for the other over a usual request, little enough that a client that does not read is felt.
    private static readonly PipeOptions Options = new(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false);

    public static (IDuplexPipe Client, IDuplexPipe Server) Create()
    {
        var up = new Pipe(Options);
        var down = new Pipe(Options);
        return (new End(down.Reader, up.Writer), new End(up.Reader, down.Writer));
    }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
