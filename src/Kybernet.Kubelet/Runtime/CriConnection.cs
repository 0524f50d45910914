using System.Net.Sockets;
using Grpc.Net.Client;

namespace Kybernet.Kubelet.Runtime;

/// <summary>The way to a gRPC server behind a Unix socket.</summary>
internal static class CriConnection
{
    // A node with many images and containers answers its lists in one message.
    private const int MaxMessageBytes = 16 << 20;

    /// <summary>Opens a channel; it connects when first used, and again after the server was away.</summary>
    /// <param name="endpoint">As in <c>unix:///run/containerd/containerd.sock</c>, or the bare path.</param>
    public static GrpcChannel Open(string endpoint)
    {
        var path = endpoint.StartsWith("unix://", StringComparison.Ordinal) ? endpoint["unix://".Length..] : endpoint;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellationToken) => ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
        };
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
        });
    }

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
