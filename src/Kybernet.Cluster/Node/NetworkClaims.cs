namespace Kybernet.Cluster.Node;

/// <summary>
/// Which cluster of this machine has which pod network. A bridge, and so a route, is there only once a pod is, so routes alone do not keep two
/// clusters that start at once apart: each also puts down a link, named after the network, to its own folder under <c>/run</c>. Making a link either
/// succeeds or finds another there, and one whose folder is gone belongs to nobody.
/// </summary>
internal static class NetworkClaims
{
    private const string Folder = "/run/kybernet-networks";

    /// <summary>Takes a network for a cluster.</summary>
    /// <returns>Whether it is the cluster's now, or was already.</returns>
    public static bool TryTake(string cidr, DataDirectory data)
    {
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(data.Run);
        var link = Path.Combine(Folder, cidr.Replace('/', '_'));
        for (var attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                File.CreateSymbolicLink(link, data.Run);
                return true;
            }
            catch (IOException) when (new FileInfo(link).LinkTarget is { } owner)
            {
                if (owner == data.Run)
                {
                    return true;
                }
                if (Directory.Exists(owner))
                {
                    return false;
                }
                File.Delete(link);
            }
        }
        return false;
    }

    /// <summary>Gives a cluster's networks back.</summary>
    public static void Release(DataDirectory data)
    {
        if (!Directory.Exists(Folder))
        {
            return;
        }
        foreach (var link in Directory.EnumerateFileSystemEntries(Folder))
        {
            if (new FileInfo(link).LinkTarget == data.Run)
            {
                File.Delete(link);
            }
        }
    }
}
