using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Kybernet.Cluster.Snapshots;

/// <summary>
/// The file of a snapshot: a tar of the cluster's files, and at its end their checksums as <c>sha256sum</c> writes them, so that an administrator
/// can check and read one without this program.
/// </summary>
internal static class SnapshotArchive
{
    private const string Checksums = "SHA256SUMS";

    /// <summary>Writes an archive of files, each by its path inside <paramref name="root"/>.</summary>
    public static async Task WriteAsync(string root, IEnumerable<string> files, Stream destination, CancellationToken cancellationToken)
    {
        var sums = new StringBuilder();
        await using var writer = new TarWriter(destination, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var file in files)
        {
            var path = Path.Combine(root, file);
            sums.Append(await HashAsync(path, cancellationToken)).Append("  ").Append(file).Append('\n');
            await writer.WriteEntryAsync(path, file, cancellationToken);
        }
        await writer.WriteEntryAsync(
            new PaxTarEntry(TarEntryType.RegularFile, Checksums) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(sums.ToString())) }, cancellationToken);
    }

    /// <summary>Unpacks an archive into a folder, and finds that each file is what it was.</summary>
    /// <exception cref="ClusterException">It is no archive of a snapshot, or a damaged one.</exception>
    public static async Task ExtractAsync(Stream source, string directory, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = new TarReader(source);
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                var path = Path.GetFullPath(Path.Combine(directory, entry.Name));
                if (entry.EntryType != TarEntryType.RegularFile || !path.StartsWith(directory + "/", StringComparison.Ordinal))
                {
                    throw new ClusterException($"this is no snapshot of a cluster: it holds {entry.Name}");
                }
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await entry.ExtractToFileAsync(path, overwrite: false, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new ClusterException($"this is no whole snapshot of a cluster: {exception.Message}", exception);
        }
        await VerifyAsync(directory, cancellationToken);
    }

    private static async Task VerifyAsync(string directory, CancellationToken cancellationToken)
    {
        var sums = Path.Combine(directory, Checksums);
        if (!File.Exists(sums))
        {
            throw new ClusterException("this is no whole snapshot of a cluster: its checksums are missing");
        }
        foreach (var line in await File.ReadAllLinesAsync(sums, cancellationToken))
        {
            if (line.Split("  ", 2) is not [var expected, var file]
                || !File.Exists(Path.Combine(directory, file)) || await HashAsync(Path.Combine(directory, file), cancellationToken) != expected)
            {
                throw new ClusterException($"the snapshot is damaged: {line.Split("  ", 2)[^1]} is not what it was");
            }
        }
        File.Delete(sums);
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
