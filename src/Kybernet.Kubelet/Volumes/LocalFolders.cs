namespace Kybernet.Kubelet.Volumes;

/// <summary>The folders of this node that PersistentVolumes of the cluster's own provisioner are; each is called as its volume.</summary>
internal sealed class LocalFolders(KubeletOptions options)
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    /// <returns>Where the folder is, made now or before.</returns>
    /// <exception cref="VolumeException">No folder can be called so.</exception>
    public string Create(string volume)
    {
        var path = PathOf(volume);
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, Everyone); // whoever a pod's containers run as; and beyond what the umask leaves
        }
        return path;
    }

    /// <summary>Removes a folder with all that is in it, where it is there.</summary>
    /// <exception cref="VolumeException">No folder can be called so.</exception>
    public void Remove(string volume)
    {
        var path = PathOf(volume);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private string PathOf(string volume) => volume.Length > 0 && volume.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.') && volume[0] != '.'
        ? Path.Combine(options.LocalVolumesDirectory, volume)
        : throw new VolumeException($"no folder can be called \"{volume}\"");
}
