using Kybernet.Store;
using Kybernet.Store.Sqlite.Repair;

namespace Kybernet.Cluster.Snapshots;

/// <summary>Looks after the file that the objects of a cluster with the embedded store are in.</summary>
public static class ClusterStore
{
    /// <summary>Looks for damage, while the cluster runs or not.</summary>
    /// <exception cref="ClusterException">There is no store, or it cannot be opened.</exception>
    public static Task<StoreReport> CheckAsync(DataDirectory data, CancellationToken cancellationToken) =>
        TellAsync(StoreCheck.CheckAsync(data.State, cancellationToken));

    /// <summary>Makes a new file out of what can be read.</summary>
    /// <exception cref="ClusterException">The cluster runs, there is no store, or nothing can be read.</exception>
    public static async Task<RepairReport> RepairAsync(DataDirectory data, TimeProvider time, CancellationToken cancellationToken)
    {
        using var held = ClusterLock.Take(data);
        return await TellAsync(StoreRepair.RepairAsync(data.State, time, cancellationToken));
    }

    private static async Task<T> TellAsync<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (StoreException e)
        {
            throw new ClusterException(e.Message, e);
        }
    }
}
