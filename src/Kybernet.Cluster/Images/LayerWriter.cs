using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Kybernet.Cluster.Images;

/// <summary>A layer of an image on disk.</summary>
/// <param name="Path">The compressed tar.</param>
/// <param name="Digest">The digest of the compressed bytes.</param>
/// <param name="DiffId">The digest of the tar inside.</param>
/// <param name="Size">The compressed size in bytes.</param>
internal sealed record Layer(string Path, string Digest, string DiffId, long Size);

/// <summary>
/// Writes a file system as a layer. The same input makes the same bytes: entries are sorted, belong to root and have no time,
/// so that an image that is built again is the same image.
/// </summary>
internal static class LayerWriter
{
    private const UnixFileMode DefaultDirectoryMode = (UnixFileMode)0b111_101_101; // 0755

    private const UnixFileMode PermissionBits = (UnixFileMode)0b111_111_111_111;

    /// <summary>Writes the layer to a file.</summary>
    public static async Task<Layer> WriteAsync(string rootfs, ImageSettings settings, string path, CancellationToken cancellationToken)
    {
        var entries = Collect(rootfs, settings);
        using var compressedHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var plainHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var file = File.Create(path))
        await using (var hashedFile = new HashingStream(file, compressedHash))
        await using (var gzip = new GZipStream(hashedFile, CompressionLevel.Fastest))
        await using (var hashedTar = new HashingStream(gzip, plainHash))
        await using (var tar = new TarWriter(hashedTar, TarEntryFormat.Pax))
        {
            foreach (var entry in entries.Values)
            {
                await WriteEntryAsync(tar, entry, cancellationToken);
            }
        }

        return new Layer(path, DigestOf(compressedHash), DigestOf(plainHash), new FileInfo(path).Length);
    }

    private static string DigestOf(IncrementalHash hash) => "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());

    private static SortedDictionary<string, LayerEntry> Collect(string rootfs, ImageSettings settings)
    {
        var entries = new SortedDictionary<string, LayerEntry>(StringComparer.Ordinal);
        if (Directory.Exists(rootfs))
        {
            CollectDirectory(new DirectoryInfo(rootfs), "", entries);
        }
        foreach (var (path, mode) in settings.Directories)
        {
            Add(entries, new LayerEntry(Normalize(path), TarEntryType.Directory, mode, null, null));
        }
        foreach (var (path, source) in settings.Files)
        {
            if (!File.Exists(source))
            {
                throw new ClusterException($"{source}, which the image needs as {path}, is not on this machine");
            }
            // What a link of this machine points to is wanted, not the link.
            var real = new FileInfo(source).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? source;
            Add(entries, new LayerEntry(Normalize(path), TarEntryType.RegularFile, File.GetUnixFileMode(real), real, null));
        }
        foreach (var (target, links) in settings.Links)
        {
            foreach (var link in links)
            {
                Add(entries, new LayerEntry(Normalize(link), TarEntryType.SymbolicLink, PermissionBits, null, target));
            }
        }
        return entries;
    }

    private static void CollectDirectory(DirectoryInfo directory, string prefix, SortedDictionary<string, LayerEntry> entries)
    {
        foreach (var item in directory.EnumerateFileSystemInfos())
        {
            var name = prefix + item.Name;
            if (item.LinkTarget is { } target)
            {
                entries[name] = new LayerEntry(name, TarEntryType.SymbolicLink, PermissionBits, null, target);
            }
            else if (item is DirectoryInfo child)
            {
                entries[name] = new LayerEntry(name, TarEntryType.Directory, child.UnixFileMode, null, null);
                CollectDirectory(child, name + "/", entries);
            }
            else
            {
                entries[name] = new LayerEntry(name, TarEntryType.RegularFile, item.UnixFileMode, item.FullName, null);
            }
        }
    }

    private static void Add(SortedDictionary<string, LayerEntry> entries, LayerEntry entry)
    {
        for (var slash = entry.Name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = entry.Name.IndexOf('/', slash + 1))
        {
            var parent = entry.Name[..slash];
            entries.TryAdd(parent, new LayerEntry(parent, TarEntryType.Directory, DefaultDirectoryMode, null, null));
        }
        entries[entry.Name] = entry;
    }

    private static string Normalize(string path)
    {
        var name = path.Trim('/');
        if (name.Length == 0 || name.Split('/').Any(static part => part is "" or "." or ".."))
        {
            throw new ClusterException($"\"{path}\" is not a path inside an image");
        }
        return name;
    }

    private static async Task WriteEntryAsync(TarWriter tar, LayerEntry entry, CancellationToken cancellationToken)
    {
        var name = entry.Type == TarEntryType.Directory ? entry.Name + "/" : entry.Name;
        var header = new PaxTarEntry(entry.Type, name)
        {
            Mode = entry.Mode & PermissionBits,
            Uid = 0,
            Gid = 0,
            ModificationTime = DateTimeOffset.UnixEpoch,
        };
        if (entry.LinkTarget is { } target)
        {
            header.LinkName = target;
        }
        if (entry.Source is not { } source)
        {
            await tar.WriteEntryAsync(header, cancellationToken);
            return;
        }

        await using var content = File.OpenRead(source);
        header.DataStream = content;
        await tar.WriteEntryAsync(header, cancellationToken);
    }

    private sealed record LayerEntry(string Name, TarEntryType Type, UnixFileMode Mode, string? Source, string? LinkTarget);
}
