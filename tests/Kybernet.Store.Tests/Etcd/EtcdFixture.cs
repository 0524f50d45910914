using Kybernet.EtcdHarness;
using Kybernet.Store.Etcd;
using Kybernet.Store.Tests.Contract;

namespace Kybernet.Store.Tests.Etcd;

/// <summary>An <see cref="EtcdStore"/> on an etcd of its own, over TLS with client certificates.</summary>
internal sealed class EtcdFixture(EtcdCluster cluster, EtcdStore store) : IStoreFixture
{
    public IStore Store => store;

    public static async Task<IStoreFixture> OpenAsync(int members = 1, Stream? snapshot = null)
    {
        var cluster = await EtcdCluster.StartAsync(new EtcdClusterOptions { Members = members, Snapshot = snapshot }, TestContext.Current.CancellationToken);
        return new EtcdFixture(cluster, new EtcdStore(cluster.StoreOptions));
    }

    public Task<IStoreFixture> RestoreAsync(Stream snapshot) => OpenAsync(snapshot: snapshot);

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await cluster.DisposeAsync();
    }
}
