// Measures the API server against a floor: a bare Kestrel HTTPS endpoint that answers the same bytes, in the same run.
//   Kybernet.Bench run [CONNECTIONS] [SECONDS] [ENDPOINT]   everything, each server in a process of its own
//   Kybernet.Bench serve DIRECTORY [ENDPOINT]               an API server alone, on a store in that folder, or on the (empty) etcd at ENDPOINT
//   Kybernet.Bench floor                                    the bare endpoint
using System.Globalization;
using Kybernet.Bench;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};
switch (args)
{
    case ["serve", var directory, .. var more]:
        return await ApiServerProcess.ServeAsync(directory, more is [var served] ? new Uri(served) : null, stopping.Token);
    case ["floor"]:
        return await FloorProcess.ServeAsync(stopping.Token);
    case ["run", .. var rest]:
        var connections = rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 16;
        var seconds = rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : 5;
        return await Runner.RunAsync(connections, TimeSpan.FromSeconds(seconds), rest.Length > 2 ? new Uri(rest[2]) : null, stopping.Token);
    default:
        Console.Error.WriteLine("usage: Kybernet.Bench run [CONNECTIONS] [SECONDS] [ENDPOINT] | serve DIRECTORY [ENDPOINT] | floor");
        return 2;
}
