using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kybernet.Ingress.Bench;

/// <summary>Two of Debian's nginx: the backend, and the proxy that the ingress is compared with. Each has as many workers as the machine has processors.</summary>
internal sealed class Nginx : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kybernet-nginx-");
    private readonly Process _backend;
    private readonly Process _proxy;

    private Nginx()
    {
        (BackendPort, ProxyPort) = (FreePort(), FreePort());
        _backend = Run("backend", $$"""server { listen 127.0.0.1:{{BackendPort}}; location / { return 200 "hello from the backend\n"; } }""");
        _proxy = Run("proxy", $$"""
            upstream web { server 127.0.0.1:{{BackendPort}}; keepalive 64; keepalive_requests 1000000; }
            server {
                listen 127.0.0.1:{{ProxyPort}};
                server_name web.test;
                location / {
                    proxy_pass http://web;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    proxy_set_header Host $host;
                    proxy_set_header X-Forwarded-For $remote_addr;
                    proxy_set_header X-Forwarded-Host $host;
                    proxy_set_header X-Forwarded-Proto $scheme;
                }
            }
            """);
    }

    public int BackendPort { get; }

    public int ProxyPort { get; }

    /// <summary>What the proxy's workers have used until now.</summary>
    public TimeSpan ProxyProcessorTime
    {
        get
        {
            var sum = TimeSpan.Zero;
            foreach (var id in File.ReadAllText($"/proc/{_proxy.Id}/task/{_proxy.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                using var worker = Process.GetProcessById(int.Parse(id, null));
                sum += worker.TotalProcessorTime;
            }
            return sum;
        }
    }

    public static Nginx Start() => new();

    public void Dispose()
    {
        foreach (var process in (Process[])[_proxy, _backend])
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        _folder.Delete(recursive: true);
    }

    private Process Run(string name, string servers)
    {
        var configuration = Path.Combine(_folder.FullName, $"{name}.conf");
        File.WriteAllText(configuration, $$"""
            worker_processes auto;
            daemon off;
            pid {{_folder.FullName}}/{{name}}.pid;
            error_log {{_folder.FullName}}/{{name}}.log;
            events { worker_connections 4096; }
            http { access_log off; keepalive_requests 1000000; {{servers}} }
            """);
        return Process.Start("/usr/sbin/nginx", ["-c", configuration, "-p", _folder.FullName]);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
