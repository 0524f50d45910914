using System.Globalization;
using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Volumes;

/// <summary>
/// Shows a set of files in a folder so that a reader sees all of the old ones or all of the new ones:
/// 1. the files are written into a new folder of the volume, named after the time;
/// 2. <c>..data</c>, a symbolic link to the current such folder, is replaced by one rename;
/// 3. a visible link a top-level name leads through <c>..data</c>; it is made when the name comes and removed when it goes;
/// 4. the old folder is removed.
/// Who holds a file open keeps reading the old one. A crash in between leaves a folder that the next write removes.
/// </summary>
internal static class AtomicWriter
{
    private const string DataLink = "..data";
    private const string NewDataLink = "..data_tmp";

    /// <summary>Brings the folder to show these files, and only these.</summary>
    /// <param name="folder">The volume.</param>
    /// <param name="files">Their paths inside the volume, relative and clean.</param>
    /// <param name="group">The group that they belong to; null for root's.</param>
    /// <param name="now">The time, for the folder's name.</param>
    /// <returns>Whether anything had to be changed.</returns>
    public static bool Write(string folder, IReadOnlyDictionary<string, PayloadFile> files, long? group, DateTimeOffset now)
    {
        foreach (var path in files.Keys)
        {
            Validate(path);
        }
        var link = Path.Combine(folder, DataLink);
        var current = new DirectoryInfo(link).LinkTarget;
        if (current is not null && IsSame(Path.Combine(folder, current), files))
        {
            AddLinks(folder, files);
            return false;
        }

        var target = Unused(folder, now);
        var data = Path.Combine(folder, target);
        foreach (var (path, file) in files)
        {
            WriteFile(data, path, file, group);
        }
        Directory.CreateDirectory(data);
        OwnFolders(data, group);

        var temporary = Path.Combine(folder, NewDataLink);
        File.Delete(temporary);
        File.CreateSymbolicLink(temporary, target);
        // Not File.Move, which takes a link to a folder for no file.
        LinuxCalls.Rename(temporary, link);
        AddLinks(folder, files);
        RemoveStaleLinks(folder, files);
        RemoveOldData(folder, target);
        return true;
    }

    private static void Validate(string path)
    {
        var parts = path.Split('/');
        if (path.Length == 0 || Path.IsPathRooted(path) || parts.Contains("..") || parts[0].StartsWith("..", StringComparison.Ordinal))
        {
            throw new VolumeException($"invalid path: \"{path}\"");
        }
    }

    private static bool IsSame(string data, IReadOnlyDictionary<string, PayloadFile> files)
    {
        if (!Directory.Exists(data) || Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Count() != files.Count)
        {
            return false;
        }
        foreach (var (path, file) in files)
        {
            var written = Path.Combine(data, path);
            if (!File.Exists(written) || (int)File.GetUnixFileMode(written) != file.Mode || !File.ReadAllBytes(written).AsSpan().SequenceEqual(file.Content.Span))
            {
                return false;
            }
        }
        return true;
    }

    private static string Unused(string folder, DateTimeOffset now)
    {
        var name = now.ToString("'..'yyyy'_'MM'_'dd'_'HH'_'mm'_'ss'.'fffffff", CultureInfo.InvariantCulture);
        while (Directory.Exists(Path.Combine(folder, name)))
        {
            name += "0";
        }
        Directory.CreateDirectory(Path.Combine(folder, name));
        return name;
    }

    private static void WriteFile(string data, string path, PayloadFile file, long? group)
    {
        var written = Path.Combine(data, path);
        Directory.CreateDirectory(Path.GetDirectoryName(written)!);
        File.WriteAllBytes(written, file.Content.Span);
        if (group is not null || file.Owner is not null)
        {
            LinuxCalls.ChangeOwner(written, file.Owner ?? -1, group ?? -1);
        }
        // After chown, which clears some bits.
        File.SetUnixFileMode(written, (UnixFileMode)file.Mode);
    }

    private static void OwnFolders(string data, long? group)
    {
        const UnixFileMode open = (UnixFileMode)0b111_101_101;
        var setGroup = group is null ? open : open | UnixFileMode.SetGroup;
        foreach (var directory in Directory.EnumerateDirectories(data, "*", SearchOption.AllDirectories).Append(data))
        {
            if (group is { } id)
            {
                LinuxCalls.ChangeOwner(directory, -1, id);
            }
            File.SetUnixFileMode(directory, setGroup);
        }
    }

    private static void AddLinks(string folder, IReadOnlyDictionary<string, PayloadFile> files)
    {
        foreach (var top in files.Keys.Select(TopOf).Distinct())
        {
            var visible = Path.Combine(folder, top);
            if (new FileInfo(visible).LinkTarget is null)
            {
                File.CreateSymbolicLink(visible, Path.Combine(DataLink, top));
            }
        }
    }

    private static void RemoveStaleLinks(string folder, IReadOnlyDictionary<string, PayloadFile> files)
    {
        var wanted = files.Keys.Select(TopOf).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget?.StartsWith(DataLink + "/", StringComparison.Ordinal) == true && !wanted.Contains(entry.Name))
            {
                File.Delete(entry.FullName);
            }
        }
    }

    private static void RemoveOldData(string folder, string current)
    {
        foreach (var directory in new DirectoryInfo(folder).EnumerateDirectories("..*"))
        {
            if (directory.Name != current && directory.LinkTarget is null)
            {
                directory.Delete(recursive: true);
            }
        }
    }

    private static string TopOf(string path)
    {
        var slash = path.IndexOf('/');
        return slash < 0 ? path : path[..slash];
    }
}
