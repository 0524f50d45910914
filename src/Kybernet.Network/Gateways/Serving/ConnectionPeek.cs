using System.Buffers;
using System.IO.Pipelines;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>Looks at what a client sends first, and leaves it where it is for whoever answers.</summary>
internal static class ConnectionPeek
{
    private delegate bool Decide<T>(ReadOnlySequence<byte> received, out T answer);

    /// <summary>Whether the client speaks HTTP/2 without having asked whether the server does.</summary>
    public static Task<bool> IsHttp2Async(PipeReader input, CancellationToken cancellationToken) => LookAsync<bool>(input, IsHttp2, cancellationToken);

    /// <summary>The server name of a TLS connection; empty where the client does not say it.</summary>
    public static Task<string> ServerNameAsync(PipeReader input, CancellationToken cancellationToken) =>
        LookAsync<string>(input, ClientHello.TryReadServerName, cancellationToken);

    /// <summary>As much of the preface as no method of HTTP/1.1 begins with is enough.</summary>
    private static bool IsHttp2(ReadOnlySequence<byte> received, out bool isHttp2)
    {
        var preface = "PRI "u8;
        Span<byte> first = stackalloc byte[(int)Math.Min(received.Length, preface.Length)];
        received.Slice(0, first.Length).CopyTo(first);
        isHttp2 = first.SequenceEqual(preface);
        return isHttp2 || !preface.StartsWith(first);
    }

    private static async Task<T> LookAsync<T>(PipeReader input, Decide<T> decide, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var isDecided = decide(read.Buffer, out var answer);
            if (isDecided || read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start);
                return answer;
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
