using Kybernet.Store;
using Kybernet.Store.Sqlite;

namespace Kybernet.Cluster.Snapshots;

/// <summary>What a snapshot holds.</summary>
/// <param name="Revision">The revision of the store, at which the objects were as they are in it.</param>
/// <param name="Objects">How many objects there are.</param>
/// <param name="Bytes">The size of the file.</param>
public sealed record SnapshotStatus(long Revision, long Objects, long Bytes);

/// <summary>Copies of a whole cluster with the embedded store: its objects, certificates, keys and settings.</summary>
public static class ClusterSnapshots
{
    private const string StoreFile = "state/store.db";

    /// <summary>Copies a cluster into a file, while it runs or not.</summary>
    /// <exception cref="ClusterException">There is no cluster, or its objects are in etcd.</exception>
    public static async Task<SnapshotStatus> SaveAsync(DataDirectory data, string file, CancellationToken cancellationToken)
    {
        var settings = ClusterSettings.Load(data) ?? throw new ClusterException($"there is no cluster in {data.Root}");
        if (settings.Datastore is not null)
        {
            throw new ClusterException("this cluster keeps its objects in etcd") { Hint = "etcdctl snapshot save FILE, and keep a copy of the data directory's pki/ too" };
        }
        using (var work = new WorkFolder(Path.GetDirectoryName(Path.GetFullPath(file))!))
        {
            Directory.CreateDirectory(Path.Combine(work.Path, "state"));
            try
            {
                await using var copy = File.Create(Path.Combine(work.Path, StoreFile));
                await SqliteStore.CopyAsync(data.State, copy, cancellationToken);
            }
            catch (StoreException e)
            {
                throw new ClusterException(e.Message, e);
            }
            File.Copy(data.Settings, Path.Combine(work.Path, Path.GetFileName(data.Settings)));
            CopyFolder(data.Pki, Path.Combine(work.Path, Path.GetFileName(data.Pki)));
            var archive = Path.Combine(work.Path, "archive");
            var files = Directory.EnumerateFiles(work.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(work.Path, path)).Order(StringComparer.Ordinal).ToArray();
            await using (var stream = new FileStream(archive, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                await SnapshotArchive.WriteAsync(work.Path, files, stream, cancellationToken);
                stream.Flush(flushToDisk: true);
            }
            File.Move(archive, file, overwrite: true);
        }
        return await StatusAsync(file, cancellationToken);
    }

    /// <summary>Checks a snapshot, and says what it holds.</summary>
    /// <exception cref="ClusterException">It is none, or is damaged.</exception>
    public static async Task<SnapshotStatus> StatusAsync(string file, CancellationToken cancellationToken)
    {
        using var work = new WorkFolder(Path.GetTempPath());
        await ExtractAsync(file, work.Path, cancellationToken);
        var options = new SqliteStoreOptions { DataDirectory = Path.Combine(work.Path, "state") };
        await using var store = await SqliteStore.OpenAsync(options, cancellationToken);
        var objects = await store.RangeAsync(new RangeRequest("/registry/") { CountOnly = true }, cancellationToken);
        return new SnapshotStatus(objects.Revision, objects.Count, new FileInfo(file).Length);
    }

    /// <summary>Makes the cluster of a snapshot anew in a data directory that has none; the next <c>up</c> goes on with it.</summary>
    /// <exception cref="ClusterException">There is a cluster, or the snapshot is none or damaged.</exception>
    public static async Task RestoreAsync(string file, DataDirectory data, CancellationToken cancellationToken)
    {
        using var held = ClusterLock.Take(data);
        if (File.Exists(data.Settings) || Directory.Exists(data.State) || Directory.Exists(data.Pki))
        {
            throw new ClusterException($"there is a cluster in {data.Root} already") { Hint = "Restore into another: --data-dir OTHER; or move it away first." };
        }
        using var work = new WorkFolder(data.Root);
        await ExtractAsync(file, work.Path, cancellationToken);
        // The settings last: without them there is no cluster, should this end in between.
        Directory.Move(Path.Combine(work.Path, Path.GetFileName(data.Pki)), data.Pki);
        Directory.Move(Path.Combine(work.Path, Path.GetFileName(data.State)), data.State);
        File.Move(Path.Combine(work.Path, Path.GetFileName(data.Settings)), data.Settings);
    }

    private static async Task ExtractAsync(string file, string directory, CancellationToken cancellationToken)
    {
        await using (var stream = File.OpenRead(file))
        {
            await SnapshotArchive.ExtractAsync(stream, directory, cancellationToken);
        }
        // Restoring checks the database itself, beyond that its bytes are the ones that were saved.
        var copy = Path.Combine(directory, "store.snapshot");
        try
        {
            File.Move(Path.Combine(directory, StoreFile), copy);
            await using var stream = File.OpenRead(copy);
            await SqliteStore.RestoreAsync(stream, new SqliteStoreOptions { DataDirectory = Path.Combine(directory, "state") }, cancellationToken);
        }
        catch (Exception e) when (e is StoreException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ClusterException($"this is no snapshot of a cluster: {e.Message}", e);
        }
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.EnumerateFiles(from))
        {
            File.Copy(path, Path.Combine(to, Path.GetFileName(path)));
        }
    }

    /// <summary>A folder that only its owner can look into, and that goes when it is disposed: there are keys in it.</summary>
    private sealed class WorkFolder : IDisposable
    {
        public WorkFolder(string parent)
        {
            Path = System.IO.Path.Combine(System.IO.Path.GetFullPath(parent), $".kybernet-snapshot-{Guid.NewGuid():N}");
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public string Path { get; }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
