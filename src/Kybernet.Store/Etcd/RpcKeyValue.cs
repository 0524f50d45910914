namespace Kybernet.Store.Etcd;

/// <summary>Turns etcd's messages into the store's.</summary>
internal static class RpcKeyValue
{
    public static KeyValue ToKeyValue(this Rpc.KeyValue item) =>
        new(item.Key.ToStringUtf8(), item.Value.Memory, item.CreateRevision, item.ModRevision, item.Version, item.Lease);
}
