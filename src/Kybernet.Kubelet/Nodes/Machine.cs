using System.Globalization;
using System.Runtime.InteropServices;

namespace Kybernet.Kubelet.Nodes;

/// <summary>Reads what the machine is and has.</summary>
internal sealed class Machine(string rootDirectory)
{
    private readonly (int Online, long Memory) _hardware = (CountProcessors(), ReadMemory("MemTotal"));

    public int Processors => _hardware.Online;

    public long MemoryBytes => _hardware.Memory;

    public string KernelVersion { get; } = ReadLine("/proc/sys/kernel/osrelease");

    public string BootId { get; } = ReadLine("/proc/sys/kernel/random/boot_id");

    public string MachineId { get; } = ReadLine("/etc/machine-id");

    public string SystemUuid { get; } = ReadLine("/sys/class/dmi/id/product_uuid") is { Length: > 0 } uuid ? uuid : ReadLine("/etc/machine-id");

    public string OsImage { get; } = ReadOsImage();

    /// <summary>As Go names it.</summary>
    public string Architecture { get; } = RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.Arm => "arm",
        var other => other.ToString().ToLowerInvariant(),
    };

    public string HostName { get; } = ReadLine("/proc/sys/kernel/hostname");

    public long SwapBytes { get; } = ReadMemory("SwapTotal");

    /// <summary>Processor time that the machine has used since it started, idle time left out.</summary>
    public static ulong CpuNanoseconds()
    {
        // "cpu user nice system idle iowait irq softirq steal ...", in hundredths of a second, which the kernel shows on every architecture.
        const ulong nanosecondsPerTick = 10_000_000;
        const int idle = 4;
        const int waiting = 5;
        var fields = ReadLine("/proc/stat").Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var ticks = 0UL;
        for (var i = 1; i < Math.Min(fields.Length, 9); i++)
        {
            ticks += i is idle or waiting ? 0 : ulong.Parse(fields[i], CultureInfo.InvariantCulture);
        }
        return ticks * nanosecondsPerTick;
    }

    /// <summary>The memory that is left, in bytes.</summary>
    public static long AvailableMemory() => ReadMemory("MemAvailable");

    /// <summary>The file system of pods' files.</summary>
    public DiskState Disk()
    {
        Directory.CreateDirectory(rootDirectory);
        return DiskState.Of(rootDirectory);
    }

    /// <summary>How many processes there may be, and how many there are.</summary>
    public static (long Max, long Running) Processes()
    {
        var max = long.Parse(ReadLine("/proc/sys/kernel/pid_max"), CultureInfo.InvariantCulture);
        // "0.00 0.01 0.05 1/123 4567": running and existing tasks.
        var tasks = ReadLine("/proc/loadavg").Split(' ')[3].Split('/')[1];
        return (max, long.Parse(tasks, CultureInfo.InvariantCulture));
    }

    /// <summary>How many huge pages of each size the machine keeps.</summary>
    public static IEnumerable<(string Resource, long Bytes)> HugePages()
    {
        const string folder = "/sys/kernel/mm/hugepages";
        if (!Directory.Exists(folder))
        {
            yield break;
        }
        foreach (var size in Directory.EnumerateDirectories(folder))
        {
            // hugepages-2048kB
            var kilobytes = long.Parse(Path.GetFileName(size)["hugepages-".Length..^"kB".Length], CultureInfo.InvariantCulture);
            var count = long.Parse(ReadLine(Path.Combine(size, "nr_hugepages")), CultureInfo.InvariantCulture);
            var name = kilobytes >= 1 << 20 ? $"{kilobytes >> 20}Gi" : $"{kilobytes >> 10}Mi";
            yield return ($"hugepages-{name}", count * kilobytes * 1024);
        }
    }

    // Environment.ProcessorCount is what this process may use, not what the machine has.
    private static int CountProcessors() =>
        File.ReadLines("/proc/stat").Count(static line => line.StartsWith("cpu", StringComparison.Ordinal) && line.Length > 3 && char.IsAsciiDigit(line[3]));

    private static long ReadMemory(string name)
    {
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith(name + ":", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(name.Length + 1).Trim().TrimEnd("kB ").ToString(), CultureInfo.InvariantCulture) * 1024;
            }
        }
        return 0;
    }

    private static string ReadOsImage()
    {
        if (!File.Exists("/etc/os-release"))
        {
            return "Linux";
        }
        var line = File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal));
        return line is null ? "Linux" : line["PRETTY_NAME=".Length..].Trim('"');
    }

    private static string ReadLine(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not every machine has it, nor shows it to everyone.
            return "";
        }
    }
}
