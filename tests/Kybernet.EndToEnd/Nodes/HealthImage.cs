using System.Text.Json.Nodes;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>An image whose server answers gRPC health checks: an nginx that has the one answer, with its trailer, as a file.</summary>
internal static class HealthImage
{
    public const string Name = "kybernet.local/grpc-health:1.0";

    public const int Port = 5000;

    // A 405 on a static file is how nginx meets a POST; led to the file by way of the error it is answered.
    private static readonly string Configuration = $$"""
        daemon off;
        user root root;
        master_process off;
        pid /tmp/nginx.pid;
        error_log stderr;
        events {}
        http {
          access_log off;
          default_type application/grpc;
          client_body_temp_path /tmp/body;
          proxy_temp_path /tmp/proxy;
          fastcgi_temp_path /tmp/fastcgi;
          uwsgi_temp_path /tmp/uwsgi;
          scgi_temp_path /tmp/scgi;
          server {
            listen {{Port}} http2;
            root /answers;
            add_trailer grpc-status 0;
            error_page 405 =200 $uri;
          }
        }

        """;

    /// <summary>Makes the image and gives it to the cluster.</summary>
    public static async Task ImportAsync(KybernetProgram program, CancellationToken cancellationToken)
    {
        using var image = new ImageFolder();
        await image.AddProgramAsync("/usr/sbin/nginx", cancellationToken);
        image.AddFile("/etc/nginx/nginx.conf", System.Text.Encoding.UTF8.GetBytes(Configuration));
        // Not compressed, two bytes, and in them: field 1 is 1, SERVING.
        image.AddFile("/answers/grpc.health.v1.Health/Check", [0, 0, 0, 0, 2, 0x08, 0x01]);
        image.AddFile("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"u8);
        image.AddFile("/etc/group", "root:x:0:\n"u8);
        image.Description["directories"] = new JsonObject { ["/tmp"] = JsonValue.Create("1777"), ["/var/log/nginx"] = JsonValue.Create("0755") };
        image.Description["entrypoint"] = new JsonArray("/usr/sbin/nginx");
        image.Description["command"] = new JsonArray("-c", "/etc/nginx/nginx.conf");
        await image.ImportAsync(program, Name, cancellationToken);
    }
}
