using System.Text.RegularExpressions;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Reads what is mounted in this process's view of the machine.</summary>
internal static partial class MountTable
{
    private const string File = "/proc/self/mountinfo";

    /// <summary>Whether something is mounted exactly there.</summary>
    public static bool IsMountPoint(string path)
    {
        foreach (var point in Points())
        {
            if (point == path)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The mount points inside a folder, the folder's own included; those that were mounted last come first.</summary>
    public static IReadOnlyList<string> Inside(string folder)
    {
        var found = new List<string>();
        foreach (var point in Points())
        {
            if (point == folder || point.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                found.Add(point);
            }
        }
        found.Reverse();
        return found;
    }

    private static IEnumerable<string> Points()
    {
        foreach (var line in System.IO.File.ReadLines(File))
        {
            // "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": the fifth is where.
            yield return Octal().Replace(line.Split(' ', 6)[4], static match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());
        }
    }

    // Spaces and their like are written as \040.
    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
