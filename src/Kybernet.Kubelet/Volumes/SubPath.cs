using Kybernet.Kubelet.Environment;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Finds the part of a volume that a container wants to see.</summary>
internal static class SubPath
{
    private const int MaxLinks = 40;

    /// <summary>The path on the node; a folder is made where there is nothing yet.</summary>
    /// <param name="volume">The volume's path on the node.</param>
    /// <param name="subPath">The path inside it, expanded.</param>
    /// <exception cref="ContainerConfigException">The path leads out of the volume.</exception>
    public static string Resolve(string volume, string subPath)
    {
        if (Path.IsPathRooted(subPath))
        {
            throw new ContainerConfigException($"error SubPath `{subPath}` must not be an absolute path");
        }
        var parts = new Stack<string>(subPath.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        if (parts.Contains(".."))
        {
            throw new ContainerConfigException($"unable to provision SubPath `{subPath}`: must not contain '..'");
        }

        // Followed by hand: a link in the volume, which a container may have made, must not lead to the node's own files.
        var current = volume;
        var links = 0;
        while (parts.TryPop(out var part))
        {
            if (part is ".")
            {
                continue;
            }
            if (part is "..")
            {
                current = current == volume ? throw Escapes(subPath) : Path.GetDirectoryName(current)!;
                continue;
            }
            var next = Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }
            if (Path.IsPathRooted(target) || ++links > MaxLinks)
            {
                throw Escapes(subPath);
            }
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                parts.Push(step);
            }
        }
        if (!Path.Exists(current))
        {
            Directory.CreateDirectory(current);
            CopyMode(volume, current);
        }
        return current;
    }

    private static void CopyMode(string volume, string folder) => File.SetUnixFileMode(folder, File.GetUnixFileMode(volume));

    private static ContainerConfigException Escapes(string subPath) => new($"failed to prepare subPath for volumeMount: \"{subPath}\" leads out of the volume");
}
