using System.Globalization;
using System.Text;

namespace Kybernet.Scheduler.Tests;

/// <summary>
/// The commands of the interaction files. A pod or node is given by its name and JSON objects by name: <c>pod p spec={...} labels={...}</c>. JSON has no
/// blanks there.
/// </summary>
internal sealed class WorldCommands(TestWorld world)
{
    private readonly StringBuilder _output = new();

    public string TakeOutput()
    {
        var text = _output.Length == 0 ? "ok\n" : _output.ToString();
        _output.Clear();
        return text;
    }

    public async Task RunAsync(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "node":
                world.Add(Objects.Node(words[1], Argument("allocatable"), Argument("labels"), Argument("spec")));
                break;
            case "pod":
                world.Add(Objects.Pod(words[1], Argument("spec"), Argument("labels"), Argument("status")));
                break;
            case "update":
                world.Update(Objects.Pod(words[1], Argument("spec"), Argument("labels"), Argument("status")));
                break;
            case "delete":
                world.Delete(words[1]);
                break;
            case "fail-bindings":
                world.Api.BindFailure = words[1] == "off" ? null : new InvalidOperationException(string.Join(' ', words[1..]));
                break;
            case "schedule":
                await ScheduleAsync();
                break;
            case "advance":
                world.Advance(TimeSpan.FromSeconds(double.Parse(words[1], CultureInfo.InvariantCulture)));
                break;
            case "queue":
                var counts = world.Scheduler.Queue.Counts;
                _output.Append(CultureInfo.InvariantCulture, $"active={counts.Active} backoff={counts.Backoff} unschedulable={counts.Unschedulable} gated={counts.Gated}\n");
                break;
            default:
                throw new ArgumentException($"no command \"{words[0]}\"");
        }

        string Argument(string name)
        {
            var given = Array.Find(words, word => word.StartsWith(name + "=", StringComparison.Ordinal));
            return given is null ? "{}" : given[(name.Length + 1)..];
        }
    }

    private async Task ScheduleAsync()
    {
        await world.ScheduleAsync();
        // What runs beside the loop has no order.
        foreach (var line in world.Api.TakeLines().Order(StringComparer.Ordinal))
        {
            _output.Append(line).Append('\n');
        }
    }
}
