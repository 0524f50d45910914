using System.Globalization;

namespace Kybernet.Cluster.Node;

/// <summary>What the kernel lets this process do beyond being root.</summary>
internal static class Capabilities
{
    private const int SysResource = 24;

    /// <summary>Whether OOM scores may be lowered. Inside some virtual machines and containers root may not.</summary>
    public static bool HasSysResource()
    {
        const string field = "CapEff:";
        var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith(field, StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> SysResource & 1) != 0;
    }
}
