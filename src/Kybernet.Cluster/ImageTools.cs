using Kybernet.Cluster.Images;
using Kybernet.Cluster.Node;

namespace Kybernet.Cluster;

/// <summary>An image that was built.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Digest">The digest of its manifest.</param>
/// <param name="Archive">The archive that holds it.</param>
public sealed record ImageArchive(string Name, string Digest, string Archive);

/// <summary>Makes images and gives them to a cluster's node, without a registry.</summary>
/// <param name="time">The clock.</param>
public sealed class ImageTools(TimeProvider time)
{
    /// <summary>Makes an OCI image of a folder with <c>rootfs/</c> and <c>image.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">What to call the image.</param>
    /// <param name="output">The archive to write; null for a file named after the image in the working directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterException">The name, the folder or its settings are wrong.</exception>
    public async Task<ImageArchive> BuildAsync(string folder, string name, string? output, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw new ClusterException($"there is no folder {folder}");
        }

        var reference = ImageReference.Parse(name);
        var archive = output ?? $"{reference.Repository[(reference.Repository.LastIndexOf('/') + 1)..]}-{reference.Tag}.tar";
        var built = await new OciImageBuilder(time).BuildAsync(folder, reference, new Dictionary<string, string>(), archive, cancellationToken);
        return new ImageArchive(built.Name.ToString(), built.Digest, built.Archive);
    }

    /// <summary>Adds the images of an archive to what the pods of a running cluster can use.</summary>
    /// <returns>The names of the images.</returns>
    /// <exception cref="ClusterException">There is no such file, no cluster, or the archive is none.</exception>
    public async Task<IReadOnlyList<string>> ImportAsync(DataDirectory data, string archive, CancellationToken cancellationToken)
    {
        if (!File.Exists(archive))
        {
            throw new ClusterException($"there is no file {archive}");
        }

        var containerd = new Containerd(data, time);
        if (!containerd.IsRunning)
        {
            throw new ClusterException($"no node is running on {data.Root}")
            {
                Hint = Environment.IsPrivilegedProcess ? "Start it: kybernet up" : "Run it as root: sudo",
            };
        }

        var names = await containerd.ImportAsync(Path.GetFullPath(archive), cancellationToken);
        return names.Count > 0 ? names : throw new ClusterException($"{archive} holds no image");
    }
}
