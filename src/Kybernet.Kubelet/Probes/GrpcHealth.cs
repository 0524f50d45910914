using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Kybernet.Kubelet.Probes;

/// <summary>Asks a server by the gRPC health protocol. Its two messages have one field each and are written by hand.</summary>
internal sealed class GrpcHealth
{
    private const int Serving = 1;

    private static readonly Marshaller<string> RequestMarshaller = new(WriteRequest, static _ => throw new NotSupportedException("a request is only sent"));
    private static readonly Marshaller<Answer> ResponseMarshaller = new(static _ => throw new NotSupportedException("an answer is only read"), ReadStatus);
    private static readonly Method<string, Answer> Check = new(MethodType.Unary, "grpc.health.v1.Health", "Check", RequestMarshaller, ResponseMarshaller);

    /// <summary>Why the server is not healthy; null where it is.</summary>
    public async Task<string?> FindProblemAsync(string host, int port, string service, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var address = host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}";
        using var channel = GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = timeout },
            DisposeHttpClient = true,
        });
        try
        {
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(Check, null, new CallOptions(cancellationToken: cancellationToken), service);
            var status = (await call.ResponseAsync).Status;
            return status == Serving ? null : $"service unhealthy (responded with \"{NameOf(status)}\")";
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return exception.StatusCode switch
            {
                StatusCode.Unimplemented => $"this server does not implement the grpc health protocol (grpc.health.v1.Health): {exception.Status.Detail}",
                StatusCode.DeadlineExceeded => $"timeout: health rpc did not complete within {timeout.TotalSeconds:0}s",
                StatusCode.Unavailable => $"error: failed to connect service at \"{address}\": {exception.Status.Detail}",
                _ => $"error: health rpc probe failed: rpc error: code = {exception.StatusCode} desc = {exception.Status.Detail}",
            };
        }
    }

    private static string NameOf(int status) => status switch { 0 => "UNKNOWN", 2 => "NOT_SERVING", 3 => "SERVICE_UNKNOWN", _ => $"{status}" };

    private static byte[] WriteRequest(string service)
    {
        if (service.Length == 0)
        {
            return [];
        }
        var text = Encoding.UTF8.GetBytes(service);
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(text));
        }
        return stream.ToArray();
    }

    private static Answer ReadStatus(byte[] message)
    {
        var input = new CodedInputStream(message);
        var status = 0;
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
            {
                status = input.ReadEnum();
                continue;
            }
            input.SkipLastField();
        }
        return new Answer(status);
    }

    private sealed record Answer(int Status);
}
