using System.Globalization;

namespace Kybernet.Kubelet.Cpus;

/// <summary>A processor as the kernel counts them, and what it is a part of.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Socket">The number of the package that it is in.</param>
/// <param name="Core">The number of its core, of which others may be threads too; told from those of other packages only together with the package.</param>
internal readonly record struct Cpu(int Id, int Socket, int Core);

/// <summary>How the machine's processors are put together.</summary>
internal sealed class CpuTopology(IReadOnlyList<Cpu> cpus)
{
    public IReadOnlyList<Cpu> Cpus { get; } = cpus;

    public CpuSet All { get; } = CpuSet.Of(cpus.Select(static cpu => cpu.Id));

    /// <summary>Reads what the kernel says.</summary>
    /// <param name="folder">Usually <c>/sys/devices/system/cpu</c>.</param>
    public static CpuTopology Read(string folder) => new(
        [.. CpuSet.Parse(File.ReadAllText(Path.Combine(folder, "online")).Trim()).Enumerate().Select(id => new Cpu(id, Number(folder, id, "physical_package_id"), Number(folder, id, "core_id")))]);

    // A machine that does not say is taken for one package, in which each processor is a core.
    private static int Number(string folder, int id, string name)
    {
        var file = Path.Combine(folder, $"cpu{id}", "topology", name);
        return File.Exists(file) ? int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture) : name == "core_id" ? id : 0;
    }
}
