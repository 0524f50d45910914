using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kybernet.Dns.Bench;

internal enum Questions
{
    /// <summary>A records of Services.</summary>
    Addresses,

    /// <summary>SRV records of Services' ports.</summary>
    Ports,

    /// <summary>AAAA records, of which the Services have none.</summary>
    Missing,

    /// <summary>All of these.</summary>
    Mixed,
}

internal sealed record LoadResult(long Answers, double PerSecond, double P50, double P99);

/// <summary>Asks as fast as it is answered: each of a few clients keeps some questions under way.</summary>
internal static class Load
{
    public const int Services = 1000;

    private const int Clients = 4;

    public static LoadResult Run(IPEndPoint server, Questions questions, int window, TimeSpan duration)
    {
        var clients = Enumerable.Range(0, Clients).Select(i => new Client(server, questions, window / Clients, i)).ToArray();
        var threads = Array.ConvertAll(clients, client => new Thread(() => client.Run(duration)));
        var begin = Stopwatch.GetTimestamp();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        var elapsed = Stopwatch.GetElapsedTime(begin);
        var latencies = clients.SelectMany(static client => client.Latencies).Order().ToArray();
        return new LoadResult(
            latencies.Length, latencies.Length / elapsed.TotalSeconds, latencies[latencies.Length / 2], latencies[(int)(latencies.Length * 0.99)]);
    }

    private sealed class Client(IPEndPoint server, Questions questions, int window, int seed)
    {
        private readonly long[] _sent = new long[window];

        public List<double> Latencies { get; } = new(1 << 20);

        public void Run(TimeSpan duration)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 1000 };
            socket.Connect(server);
            var random = new Random(seed);
            var pool = Enumerable.Range(0, Services).Select(i => Question(i, random)).ToArray();
            var buffer = new byte[2048];
            var begin = Stopwatch.GetTimestamp();
            for (var i = 0; i < window; i++)
            {
                Send(socket, pool[random.Next(pool.Length)], i);
            }
            while (Stopwatch.GetElapsedTime(begin) < duration)
            {
                var length = socket.Receive(buffer);
                var id = (buffer[0] << 8) | buffer[1];
                if (length < 12 || (buffer[3] & 15) != 0)
                {
                    throw new InvalidDataException("a question was not answered as it should be");
                }
                Latencies.Add(Stopwatch.GetElapsedTime(_sent[id]).TotalMilliseconds);
                Send(socket, pool[random.Next(pool.Length)], id);
            }
        }

        private void Send(Socket socket, byte[] question, int id)
        {
            (question[0], question[1]) = ((byte)(id >> 8), (byte)id);
            _sent[id] = Stopwatch.GetTimestamp();
            socket.Send(question);
        }

        private byte[] Question(int index, Random random)
        {
            var kind = questions == Questions.Mixed ? (Questions)random.Next(3) : questions;
            var (prefix, type) = kind switch
            {
                Questions.Addresses => ("", 1),
                Questions.Ports => ("_http._tcp.", 33),
                _ => ("", 28),
            };
            var message = new List<byte> { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1 };
            foreach (var label in string.Create(CultureInfo.InvariantCulture, $"{prefix}service-{index}.default.svc.cluster.local").Split('.'))
            {
                message.Add((byte)label.Length);
                message.AddRange(Encoding.ASCII.GetBytes(label));
            }
            message.AddRange([0, 0, (byte)type, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
            return [.. message];
        }
    }
}
