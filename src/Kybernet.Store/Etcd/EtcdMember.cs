using Grpc.Core;
using Grpc.Net.Client;

namespace Kybernet.Store.Etcd;

/// <summary>The connection to one member of the etcd cluster.</summary>
internal sealed class EtcdMember : IDisposable
{
    private readonly GrpcChannel _channel;

    public EtcdMember(Uri endpoint, SocketsHttpHandler handler)
    {
        Endpoint = endpoint;
        _channel = GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions
        {
            // A client rather than a handler: to handlers the channel adds a balancer of its own, which waits up to two minutes before it connects
            // again, and does not say whether a call that failed was ever sent.
            HttpClient = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            // etcd bounds what is written; what is read of it may be a whole page of large values.
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
        });
        KeyValues = new Rpc.KV.KVClient(_channel);
        Watches = new Rpc.Watch.WatchClient(_channel);
        Leases = new Rpc.Lease.LeaseClient(_channel);
        Maintenance = new Rpc.Maintenance.MaintenanceClient(_channel);
    }

    public Uri Endpoint { get; }

    public Rpc.KV.KVClient KeyValues { get; }

    public Rpc.Watch.WatchClient Watches { get; }

    public Rpc.Lease.LeaseClient Leases { get; }

    public Rpc.Maintenance.MaintenanceClient Maintenance { get; }

    /// <summary>Makes a member that has lost its leader say so at once, rather than wait for one: another may know more.</summary>
    public static Metadata RequireLeader() => new() { { "hasleader", "true" } };

    public void Dispose() => _channel.Dispose();
}
